package dev.lapidary.app.command;

import dev.lapidary.sparsity.MaskSet;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says for people how a mask was made: what its folder notes, by names that a reader knows. */
final class MaskOrigin {
    private static final int SHOWN_DIGEST = 12; // hexadecimal digits
    private static final Set<String> SHOWN_ELSEWHERE =
            Set.of("pattern", "dense", MaskSet.DENSE_LAYERS, MaskSet.DENSE_WEIGHTS);

    /** Where 0 stands for a choice that was left to the program. */
    private static final Set<String> ZERO_IS_CHOSEN = Set.of("context", "microbatch", "validateEvery");

    private static final Map<String, String> NAMES = names();

    private static final BigDecimal SMALL = new BigDecimal("0.0001"); // below, with an exponent

    private MaskOrigin() {}

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("prior", "started from");
        names.put("importedFrom", "imported from");
        names.put("steps", "training steps");
        names.put("batch", "windows of text a step");
        names.put("context", "tokens of a window");
        names.put("sequences", "calibration windows");
        names.put("length", "tokens of a window");
        names.put("flow", "layers see the inputs of");
        names.put("damp", "damping, share of the mean diagonal");
        names.put("gateRate", "learning rate of the choice");
        names.put("kappa", "scale of the logits");
        names.put("tau", "temperature");
        names.put("alpha", "strength of the prior, standard deviations of the logits");
        names.put("lambda", "reward of large kept weights");
        names.put("hard", "the model runs on");
        names.put("state", "logits and moments held in");
        names.put("products", "linear layers multiply in");
        names.put("optimiser", "optimiser");
        names.put("microbatch", "windows of a pass");
        names.put("seed", "seed");
        names.put("text", "digest of the training text");
        return names;
    }

    /** A line for each setting that says something, those that most people ask for first. */
    static String text(SortedMap<String, String> settings) {
        StringBuilder text = new StringBuilder();
        Map<String, String> left = new TreeMap<>(settings);
        left.keySet().removeAll(SHOWN_ELSEWHERE);
        NAMES.forEach((key, name) -> value(key, left.remove(key))
                .ifPresent(value -> text.append(name).append(": ").append(value).append('\n')));
        left.forEach((key, value) ->
                text.append(words(key)).append(": ").append(value).append('\n'));
        return text.toString();
    }

    /** The first digits of a digest. */
    static String digest(String whole) {
        return whole.length() > SHOWN_DIGEST ? whole.substring(0, SHOWN_DIGEST) + "..." : whole;
    }

    private static Optional<String> value(String key, @Nullable String value) {
        if (value == null || value.isBlank() || value.equals("0") && ZERO_IS_CHOSEN.contains(key)) {
            return Optional.empty();
        }
        return Optional.of(
                switch (key) {
                    case "gateRate", "kappa", "tau" -> range(value);
                    case "alpha", "damp", "lambda" -> number(value);
                    case "hard" -> value.equals("true") ? "whole ones and zeros" : "soft masks";
                    case "state", "products" -> value.toLowerCase(Locale.ROOT);
                    case "prior" -> value.equals("none") ? "random choices" : value;
                    case "flow" -> value.equals("sequential") ? "the pruned layers before" : "the dense model";
                    case "optimiser" -> value.replaceAll("^\\w+\\[|]$", "").replace("=", " ");
                    case "text" -> digest(value);
                    default -> value;
                });
    }

    private static String range(String value) {
        String[] ends = value.split(",");
        return ends.length == 2 ? number(ends[0]) + " to " + number(ends[1]) : value;
    }

    private static String number(String value) {
        try {
            BigDecimal number = new BigDecimal(value).stripTrailingZeros();
            return number.abs().compareTo(SMALL) < 0 ? number.toString() : number.toPlainString();
        } catch (NumberFormatException other) {
            return value;
        }
    }

    /** The words of a name in camel case. */
    private static String words(String key) {
        return key.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
