package dev.lapidary.concept.audit;

import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedImages;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.ZeroShot;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageReport;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures an encoder of images and texts by itself, without a classifier: how often the most similar class name is the right one,
 * and, with true labels of concepts, whether the similarity to a concept's name tells which images show it. It is what {@code encoder
 * evaluate} does.
 *
 * <pre>{@code
 * try (ImageTextEncoder encoder = ClipEncoder.open(Path.of("encoder"));
 *         ImageItems images = ImageItems.openUnlabelled(Path.of("photos"))) {
 *     System.out.println(EncoderEvaluation.of(encoder).run(images).zeroShot());
 * }
 * }</pre>
 *
 * <p>The encoder stays the caller's to close. Not for use by several threads.
 */
public final class EncoderEvaluation {
    private final ImageTextEncoder encoder;
    private List<String> prompts;
    private @Nullable Path conceptLabels;
    private long seed;
    private Consumer<EncodedImages> listener = images -> {};
    private Progress progress = Progress.silent();

    private EncoderEvaluation(ImageTextEncoder encoder) {
        this.encoder = encoder;
        prompts = encoder.promptTemplates();
    }

    /**
     * What was found.
     *
     * @param images number of images measured on
     * @param secondsToEncode them
     * @param report what was read and what was skipped
     * @param zeroShot share of labelled images to which their own class's name is the nearest; empty where there are not two classes, or
     *     no image has a label
     * @param concepts how well names of concepts tell which images show them; empty without labels of concepts
     */
    public record Result(
            int images,
            double secondsToEncode,
            ImageReport report,
            OptionalDouble zeroShot,
            Optional<ConceptAccuracy> concepts) {}

    /** Begins with an encoder. */
    public static EncoderEvaluation of(ImageTextEncoder encoder) {
        return new EncoderEvaluation(encoder);
    }

    /** Sets the sentences, with {@code {}} for a name, in which names are embedded; by default the encoder's own. */
    public EncoderEvaluation prompts(List<String> templates) {
        prompts = List.copyOf(templates);
        return this;
    }

    /** Measures concepts too, by a table with a row for each image and a column of 0 and 1 for each concept. */
    public EncoderEvaluation conceptLabels(Path table) {
        conceptLabels = table;
        return this;
    }

    /** Sets what draws the halves of the images and the shuffled names; by default 0. */
    public EncoderEvaluation seed(long chosen) {
        seed = chosen;
        return this;
    }

    /** Is told what was embedded, before it is measured. */
    public EncoderEvaluation whenEncoded(Consumer<EncodedImages> told) {
        listener = told;
        return this;
    }

    /** Sets where progress is reported. */
    public EncoderEvaluation progress(Progress chosen) {
        progress = chosen;
        return this;
    }

    /**
     * Embeds and measures.
     *
     * @param items which stay the caller's to close
     * @throws InputException where the table of concepts does not fit, or no image can be read
     */
    public Result run(ImageItems items) {
        Optional<ConceptLabels> labels =
                Optional.ofNullable(conceptLabels).map(table -> ConceptLabels.read(table, names(items.items())));
        long begin = System.nanoTime();
        try (EncodedImages encoded = encoder.encode(items, progress)) {
            double seconds = (System.nanoTime() - begin) * 1e-9;
            listener.accept(encoded);
            return new Result(
                    encoded.items().size(),
                    seconds,
                    encoded.report(),
                    zeroShot(items.classes(), encoded),
                    labels.map(read -> concepts(encoded, read)));
        }
    }

    private OptionalDouble zeroShot(List<String> classes, EncodedImages encoded) {
        if (classes.size() < 2) {
            return OptionalDouble.empty();
        }
        try (EmbeddingMatrix names = EmbeddingMatrix.of(vectors(classes))) {
            return ZeroShot.accuracy(encoded, classes, names);
        }
    }

    private ConceptAccuracy concepts(EncodedImages encoded, ConceptLabels labels) {
        return NameAccuracy.measure(
                encoded.embeddings(),
                names(encoded.items()),
                new NameAccuracy.Named(labels.names(), vectors(labels.names())),
                labels,
                seed);
    }

    private static List<String> names(List<ImageItem> items) {
        return items.stream().map(ImageItem::name).toList();
    }

    /** Embeddings of names in their prompts, [names, d] of unit length. */
    private float[][] vectors(List<String> names) {
        try (EncodedTexts texts = PromptEncoder.of(encoder, prompts).encode(names, progress)) {
            float[][] vectors = new float[names.size()][];
            Arrays.setAll(vectors, k -> texts.embeddings().row(k));
            return vectors;
        }
    }
}
