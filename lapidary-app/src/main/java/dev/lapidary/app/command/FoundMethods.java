package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.sparsity.OneShotMethod;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The methods on the class path, as help lists them: {@code ${bundle:KEY}} in a description becomes names with what each does. They
 * are looked up when help is shown, not when a command runs.
 */
final class FoundMethods extends ResourceBundle {
    /** What each one-shot method keeps. */
    static final String ONE_SHOT = "one-shot-methods";

    /** What sets each bottleneck method apart. */
    static final String BOTTLENECK = "bottleneck-methods";

    private final Map<String, Supplier<String>> texts =
            Map.of(ONE_SHOT, FoundMethods::oneShot, BOTTLENECK, FoundMethods::bottleneck);

    private static String oneShot() {
        return OneShotMethod.all().stream()
                .map(method -> method.name() + " (" + method.summary() + ")")
                .collect(Collectors.joining(", "));
    }

    private static String bottleneck() {
        return BottleneckMethod.all().stream()
                .map(method -> method.id() + " (" + method.summary() + ")")
                .collect(Collectors.joining(", "));
    }

    @Override
    protected @Nullable Object handleGetObject(String key) {
        Supplier<String> text = texts.get(key);
        return text == null ? null : text.get();
    }

    @Override
    public Enumeration<String> getKeys() {
        return Collections.enumeration(texts.keySet());
    }

    /** The names of one-shot methods. */
    static final class OneShotNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return OneShotMethod.all().stream().map(OneShotMethod::name).iterator();
        }
    }

    /** The names of bottleneck methods. */
    static final class BottleneckNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return BottleneckMethod.all().stream().map(BottleneckMethod::id).iterator();
        }
    }
}
