package dev.lapidary.concept.classifier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Draws test accuracy against NEC for the method and its random controls, mean over seeds, as one self-contained SVG. */
final class NecCurve {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 60;
    private static final int RIGHT = 150;
    private static final int TOP = 30;
    private static final int BOTTOM = 50;
    private static final String[] COLOURS = {"#0b5fa5", "#b5541c", "#5b8c2a", "#7b4ca0"};

    private NecCurve() {}

    static String svg(Report report) {
        Map<String, TreeMap<Double, Double>> curves = curves(report);
        Double probe = report.baselines().get(Baseline.LINEAR_PROBE.id());
        List<Double> heights = new ArrayList<>();
        curves.values().forEach(c -> heights.addAll(c.values()));
        if (probe != null) {
            heights.add(probe);
        }
        boolean curveless =
                curves.getOrDefault(report.method(), new TreeMap<>()).isEmpty();
        if (curveless) {
            heights.add(report.accuracy());
        }
        double least = heights.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        double low = Math.min(0.9, Math.floor(10 * least) / 10); // an axis of some height where all is right
        double high = 1;
        double most = curves.values().stream()
                .mapToDouble(c -> c.isEmpty() ? 1 : c.lastKey())
                .max()
                .orElse(curveless ? report.nec() : 1);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\" "
                        + "role=\"img\"><title>Test accuracy against effective concepts per class</title>%n"
                        + "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n",
                WIDTH,
                HEIGHT,
                WIDTH,
                HEIGHT));
        Scale scale = new Scale(most, low, high);
        axes(svg, scale);
        int n = 0;
        for (var curve : curves.entrySet()) {
            line(svg, scale, curve.getKey(), curve.getValue(), n++);
        }
        if (curveless) {
            point(svg, scale, report, COLOURS[3]);
        }
        if (probe != null) {
            level(svg, scale, probe);
        }
        return svg.append("</svg>\n").toString();
    }

    /** Where a value stands: NEC on a logarithmic axis, since the first few concepts matter most. */
    private record Scale(double mostNec, double low, double high) {
        double x(double nec) {
            double share = Math.log(Math.max(1, nec)) / Math.log(Math.max(2, mostNec));
            return LEFT + share * (WIDTH - LEFT - RIGHT);
        }

        double y(double accuracy) {
            return TOP + (high - accuracy) / (high - low) * (HEIGHT - TOP - BOTTOM);
        }
    }

    private static Map<String, TreeMap<Double, Double>> curves(Report report) {
        Map<String, TreeMap<Double, List<Double>>> all = new LinkedHashMap<>();
        for (Report.SeedReport seed : report.details()) {
            seed.dial().forEach((id, points) -> {
                var curve = all.computeIfAbsent(id.equals(Report.METHOD) ? report.method() : id, k -> new TreeMap<>());
                points.forEach(p -> curve.computeIfAbsent((double) Math.round(p.nec()), k -> new ArrayList<>())
                        .add(p.testAccuracy()));
            });
        }
        Map<String, TreeMap<Double, Double>> means = new LinkedHashMap<>();
        int seeds = report.details().size();
        all.forEach((id, curve) -> {
            TreeMap<Double, Double> mean = new TreeMap<>();
            curve.forEach((nec, values) -> {
                if (values.size() == seeds) { // a mean over the same seeds everywhere
                    mean.put(
                            nec,
                            values.stream()
                                    .mapToDouble(Double::doubleValue)
                                    .average()
                                    .orElseThrow());
                }
            });
            means.put(id, mean);
        });
        return means;
    }

    private static void axes(StringBuilder svg, Scale scale) {
        for (double a = scale.low(); a <= scale.high() + 1e-9; a += 0.1) {
            text(svg, LEFT - 8, scale.y(a) + 4, "end", String.format(Locale.ROOT, "%.0f %%", 100 * a));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    scale.y(a),
                    scale.y(a)));
        }
        for (int nec : new int[] {1, 2, 3, 5, 10, 20, 50}) {
            if (nec <= scale.mostNec()) {
                text(svg, scale.x(nec), HEIGHT - BOTTOM + 18, "middle", Integer.toString(nec));
            }
        }
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "effective concepts per class (NEC)");
        text(svg, LEFT, TOP - 12, "start", "test accuracy, mean over seeds");
    }

    private static void line(StringBuilder svg, Scale scale, String id, TreeMap<Double, Double> curve, int n) {
        if (curve.isEmpty()) {
            return;
        }
        String colour = COLOURS[n % COLOURS.length];
        String points = curve.entrySet().stream()
                .map(p -> String.format(Locale.ROOT, "%.1f,%.1f", scale.x(p.getKey()), scale.y(p.getValue())))
                .collect(Collectors.joining(" "));
        svg.append(String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                points,
                colour));
        label(svg, TOP + 12 + 18 * n, colour, id);
    }

    /** A method without a dial has one point. */
    private static void point(StringBuilder svg, Scale scale, Report report, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n",
                scale.x(report.nec()),
                scale.y(report.accuracy()),
                colour));
        label(
                svg,
                TOP + 12 + 18 * 3,
                colour,
                String.format(Locale.ROOT, "%s, NEC %.1f", report.method(), report.nec()));
    }

    private static void level(StringBuilder svg, Scale scale, double accuracy) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#444\" stroke-dasharray=\"5 4\"/>%n",
                LEFT,
                WIDTH - RIGHT,
                scale.y(accuracy),
                scale.y(accuracy)));
        label(svg, TOP + 12 + 18 * 4, "#444", "linear-probe (dense)");
    }

    private static void label(StringBuilder svg, int y, String colour, String id) {
        int x = WIDTH - RIGHT + 12;
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                x,
                x + 14,
                y - 4,
                y - 4,
                colour));
        text(svg, x + 20, y, "start", id);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }
}
