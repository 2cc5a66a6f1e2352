package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Baseline;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says which NEC the method and its random controls reached where that is not the one that was asked for. */
final class ReachedNec {
    private static final List<Baseline> CONTROLS = List.of(Baseline.RANDOM_WORDS, Baseline.RANDOM_DIRECTIONS);
    private static final double SAME = 1e-9;

    private ReachedNec() {}

    /** Returns a sentence with what each reached, mean over seeds; nothing where no limit was set or every seed reached it. */
    static Optional<String> warning(ConceptConfig config, List<Report.SeedReport> seeds, int classes, int concepts) {
        if (config.nec().isEmpty()) {
            return Optional.empty();
        }
        double limit = config.nec().getAsDouble();
        double reachable = Math.floor(Math.min(limit, concepts) * classes + SAME) / classes; // whole weights
        if (seeds.stream().allMatch(seed -> all(seed, reachable))) {
            return Optional.empty();
        }
        String method = config.method().id();
        Map<String, Double> means = new LinkedHashMap<>();
        means.put(method, mean(seeds, Report.METHOD));
        CONTROLS.stream()
                .map(Baseline::id)
                .filter(id -> seeds.getFirst().baselineNec().containsKey(id))
                .forEach(id -> means.put(id, mean(seeds, id)));
        String reached = means.entrySet().stream()
                .map(arm -> arm.getKey() + " " + plain(arm.getValue()))
                .collect(Collectors.joining(", "));
        String unequal = means.entrySet().stream()
                .filter(arm -> seeds.stream()
                        .anyMatch(seed -> !arm.getKey().equals(method) && differs(seed.nec(), nec(seed, arm.getKey()))))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(" and "));
        return Optional.of("an NEC of at most " + plain(limit) + " was asked for; reached, mean over seeds: " + reached
                + (unequal.isEmpty() ? "" : "; the difference to " + unequal + " is not at one NEC"));
    }

    private static boolean all(Report.SeedReport seed, double nec) {
        return !differs(seed.nec(), nec)
                && CONTROLS.stream()
                        .allMatch(control -> !seed.baselineNec().containsKey(control.id())
                                || !differs(nec(seed, control.id()), nec));
    }

    private static boolean differs(double a, double b) {
        return Math.abs(a - b) > SAME;
    }

    private static double nec(Report.SeedReport seed, String id) {
        return id.equals(Report.METHOD) ? seed.nec() : seed.baselineNec().getOrDefault(id, Double.NaN);
    }

    private static double mean(List<Report.SeedReport> seeds, String id) {
        return seeds.stream().mapToDouble(seed -> nec(seed, id)).average().orElseThrow();
    }

    private static String plain(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
