package dev.lapidary.concept.classifier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Draws seeds together into a {@link Report}. */
public record ReportSummary(String method, boolean faithful, int concepts, int classes) {
    private static final int FEWEST = 3; // Student's t with one degree of freedom multiplies the spread by 12.7

    /** Means over seeds, with the interval of each baseline. */
    public Report of(
            List<Report.SeedReport> seeds,
            Function<String, PairedInterval> interval,
            int examples,
            double seconds,
            List<String> warnings) {
        Map<String, Double> baselines = new LinkedHashMap<>();
        Map<String, List<Double>> intervals = new LinkedHashMap<>();
        for (String id : seeds.getFirst().baselines().keySet()) {
            baselines.put(id, mean(seeds, s -> s.baselines().get(id)));
            PairedInterval i = interval.apply(id);
            intervals.put(id, List.of(i.low(), i.high()));
        }
        double accuracy = mean(seeds, Report.SeedReport::accuracy);
        double squares = seeds.stream()
                .mapToDouble(s -> (s.accuracy() - accuracy) * (s.accuracy() - accuracy))
                .sum();
        return new Report(
                method,
                faithful,
                accuracy,
                mean(seeds, Report.SeedReport::macroF1),
                mean(seeds, Report.SeedReport::nec),
                concepts,
                classes,
                examples,
                seconds,
                seeds.stream().map(Report.SeedReport::accuracy).toList(),
                baselines,
                intervals,
                seeds.size() < 2 ? 0 : Math.sqrt(squares / (seeds.size() - 1)),
                majority(seeds.getFirst().confusion()),
                seeds,
                warned(seeds.size(), warnings));
    }

    /** Few seeds say little of how a method does on another split of the items. */
    private static List<String> warned(int seeds, List<String> warnings) {
        if (seeds >= FEWEST) {
            return List.copyOf(warnings);
        }
        List<String> more = new ArrayList<>(warnings);
        more.add(
                seeds == 1
                        ? "one seed: the intervals know nothing of other splits of the items; train with at least "
                                + FEWEST + " seeds (--seeds) before comparing methods"
                        : seeds
                                + " seeds are too few for the spread and for intervals that mean much; train with at least "
                                + FEWEST + " (--seeds) before comparing methods");
        return List.copyOf(more);
    }

    private static double mean(List<Report.SeedReport> seeds, ToDoubleFunction<Report.SeedReport> value) {
        return seeds.stream().mapToDouble(value).average().orElseThrow();
    }

    private static double majority(List<List<Integer>> confusion) {
        int most = 0;
        int all = 0;
        for (List<Integer> row : confusion) {
            int sum = row.stream().mapToInt(Integer::intValue).sum();
            most = Math.max(most, sum);
            all += sum;
        }
        return (double) most / all;
    }
}
