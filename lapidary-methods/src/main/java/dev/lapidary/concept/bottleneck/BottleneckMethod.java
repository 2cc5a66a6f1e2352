package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Services;
import java.util.List;

/**
 * A way to decide from concept scores: fits a classifier on the scores of one seed's items.
 *
 * <p>Found by {@link java.util.ServiceLoader}: a new method is one class and one line in {@code
 * META-INF/services/dev.lapidary.concept.bottleneck.BottleneckMethod}. Listing methods loads no native library. There are three depths
 * to add one at: a {@link BottleneckProblem.Guide} that tells {@link BottleneckProblem#dial} which concepts matter, a guide whose map
 * {@link BottleneckProblem#published} takes as the classifier, or a {@link Fit} of its own. Random words and directions are fitted by
 * the same method in the place of the concepts. A method holds nothing between fits, and the same problem gives the same fit.
 */
public interface BottleneckMethod {
    /** Returns the name on the command line and in reports, in kebab case. */
    String id();

    /** Returns what sets it apart, a phrase. */
    String summary();

    /** Whether it has a published form beside its sound one, see {@link ConceptConfig#faithful}. */
    default boolean published() {
        return false;
    }

    /** Whether it needs embeddings of the class names. */
    default boolean needsClassNames() {
        return false;
    }

    /** Whether its sound form counts classes alike where that is asked for; published forms count every item alike. */
    default boolean balances() {
        return true;
    }

    /**
     * Fits a classifier. Everything is chosen on training and validation items.
     *
     * @throws InputException where the problem lacks what the method needs
     * @throws java.util.concurrent.CancellationException on request
     */
    Fit fit(BottleneckProblem problem);

    /** Returns all methods on the class path, by id. */
    static List<BottleneckMethod> all() {
        return Services.all(BottleneckMethod.class, BottleneckMethod::id);
    }

    /**
     * Returns the method of a name.
     *
     * @throws InputException where there is none on the class path
     */
    static BottleneckMethod of(Method name) {
        return Services.named("method", name.id(), all(), BottleneckMethod::id);
    }

    /**
     * Returns the method that settings name.
     *
     * @throws InputException where there is none on the class path, or none of the form that is asked for
     */
    static BottleneckMethod of(ConceptConfig config) {
        BottleneckMethod method = of(config.method());
        if (config.faithful() && !method.published()) {
            throw new InputException(
                    "method " + method.id() + " has no published form to be faithful to; got --faithful");
        }
        return method;
    }
}
