package dev.lapidary.bench;

import dev.lapidary.concept.classifier.PairedInterval;
import dev.lapidary.concept.classifier.Report;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which of two systems was published as the better one on CIFAR-10, and what is seen here.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
final class PublishedOrderings {
    private static final String ZERO_SHOT = "zero-shot";
    private static final String PROBE = "linear-probe";
    private static final double SEED_CORRECTION = 0.5; // test images to training images

    private static final List<Ordering> PUBLISHED = List.of(
            new Ordering("sparse", 91.17, "l1", 85.11),
            new Ordering("sparse", 91.17, "contrastive", 84.75),
            new Ordering("l1", 85.11, "contrastive", 84.75),
            new Ordering("sparse", 91.17, "search", 85.03),
            new Ordering("sparse", 91.17, ZERO_SHOT, 81.79),
            new Ordering("search", 85.03, ZERO_SHOT, 81.79),
            new Ordering(PROBE, 96.12, "sparse", 91.17));

    private PublishedOrderings() {}

    /** Two systems and their published accuracies in per cent, the better one first. */
    private record Ordering(String better, double first, String worse, double second) {}

    /** A section of the page; empty where no report of a published form is there. */
    static String section(Map<String, Report> reports) {
        StringBuilder rows = new StringBuilder();
        for (Ordering ordering : PUBLISHED) {
            for (String form : List.of("-faithful", "")) {
                difference(reports, ordering, form).ifPresent(found -> rows.append(row(ordering, form, found)));
            }
        }
        return rows.isEmpty() ? "" : """
                ## Published orderings

                Which of two was better on CIFAR-10 in Semenov et al. (2024), with CLIP encoders, and here, in the published and in the
                sound form. Difference in points with a 95 % interval (against zero-shot and probe over test images, between methods
                Student's t over seeds with Nadeau and Bengio's correction). An ordering holds, or is reversed, where the interval
                leaves out zero.

                | ordering | published | form | here | |
                |---|---|---|---|---|
                """ + rows + "\n";
    }

    /** The better minus the worse, in shares, with its interval. */
    private record Difference(double mean, double low, double high) {}

    private static Optional<Difference> difference(Map<String, Report> reports, Ordering ordering, String form) {
        Report better = reports.get(ordering.better() + form);
        Report worse = reports.get(ordering.worse() + form);
        if (better != null && worse != null) {
            return Optional.of(overSeeds(better, worse));
        }
        if (better != null) {
            return overBaseline(better, ordering.worse(), 1);
        }
        return worse == null ? Optional.empty() : overBaseline(worse, ordering.better(), -1);
    }

    private static Difference overSeeds(Report better, Report worse) {
        double[] differences = IntStream.range(
                        0, Math.min(better.seeds().size(), worse.seeds().size()))
                .mapToDouble(i -> better.seeds().get(i) - worse.seeds().get(i))
                .toArray();
        PairedInterval interval = PairedInterval.overSeeds(differences, SEED_CORRECTION, 0);
        return new Difference(better.accuracy() - worse.accuracy(), interval.low(), interval.high());
    }

    private static Optional<Difference> overBaseline(Report report, String baseline, int sign) {
        Double level = report.baselines().get(baseline);
        List<Double> interval = report.intervals().get(baseline);
        if (level == null || interval == null) {
            return Optional.empty();
        }
        double low = sign * interval.get(0);
        double high = sign * interval.get(1);
        return Optional.of(
                new Difference(sign * (report.accuracy() - level), Math.min(low, high), Math.max(low, high)));
    }

    private static String row(Ordering ordering, String form, Difference found) {
        return String.format(
                Locale.ROOT,
                "| %s over %s | %+.1f | %s | %+.1f [%+.1f, %+.1f] | %s |%n",
                ordering.better(),
                ordering.worse(),
                ordering.first() - ordering.second(),
                form.isEmpty() ? "sound" : "published",
                100 * found.mean(),
                100 * found.low(),
                100 * found.high(),
                verdict(found));
    }

    private static String verdict(Difference found) {
        if (found.low() > 0) {
            return "holds";
        }
        return found.high() < 0 ? "reversed" : "no difference shown";
    }
}
