package dev.lapidary.concept.classifier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Draws test accuracy against NEC for the method and its random controls, mean over seeds with a band from the lowest seed to the
 * highest, as one self-contained SVG. A ring marks what is in use: NEC and accuracy of the method in the report. A thing has one colour
 * in every picture.
 */
final class NecCurve {
    private static final int AXIS = 430; // width of the axes
    private static final int HEIGHT = 430;
    private static final int LEFT = 60;
    private static final int TOP = 36;
    private static final int BOTTOM = 84;
    private static final int FONT = 12;
    private static final double OF_FONT = 0.62; // width of a letter, a little more than that of usual fonts
    private static final int LINE = 17; // least distance of two labels
    private static final String METHOD_COLOUR = "#0b5fa5";
    private static final String PROBE_COLOUR = "#444444";
    private static final Map<String, String> COLOURS =
            Map.of(Baseline.RANDOM_WORDS.id(), "#b5541c", Baseline.RANDOM_DIRECTIONS.id(), "#5b8c2a");
    private static final List<String> DRAWN =
            List.of(Report.METHOD, Baseline.RANDOM_WORDS.id(), Baseline.RANDOM_DIRECTIONS.id());
    private static final int[] NEC_TICKS = {1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000};

    private final Report report;
    private final List<Curve> curves;
    private final @Nullable Double probe;
    private final Scale scale;
    private final List<Label> labels = new ArrayList<>();
    private final StringBuilder svg = new StringBuilder();

    private NecCurve(Report report) {
        this.report = report;
        curves = DRAWN.stream()
                .map(id -> curve(report, id))
                .filter(curve -> !curve.points().isEmpty())
                .toList();
        probe = report.baselines().get(Baseline.LINEAR_PROBE.id());
        scale = Scale.of(report, curves, probe);
    }

    static String svg(Report report) {
        return new NecCurve(report).drawn();
    }

    /** Mean, lowest and highest test accuracy over seeds. */
    private record Spread(double mean, double low, double high) {}

    /** What one arm reaches at every NEC that all seeds went through. */
    private record Curve(String name, String colour, TreeMap<Double, Spread> points) {}

    /** A name at the right of the axes for what ends at (x, y). */
    private record Label(String text, String colour, double x, double y) {}

    private static Curve curve(Report report, String id) {
        List<TreeMap<Double, Double>> seeds = new ArrayList<>();
        for (Report.SeedReport seed : report.details()) {
            TreeMap<Double, Double> points = new TreeMap<>();
            seed.dial()
                    .getOrDefault(id, List.of())
                    .forEach(p -> points.put(Math.rint(1000 * p.nec()) / 1000, p.testAccuracy()));
            seeds.add(points);
        }
        TreeMap<Double, Spread> points = new TreeMap<>();
        TreeSet<Double> shared = new TreeSet<>(seeds.getFirst().keySet());
        seeds.forEach(seed -> shared.retainAll(seed.keySet())); // a mean over the same seeds everywhere
        for (double nec : shared) {
            double[] values = seeds.stream()
                    .mapToDouble(seed -> Objects.requireNonNull(seed.get(nec)))
                    .toArray();
            var summary = Arrays.stream(values).summaryStatistics();
            points.put(nec, new Spread(summary.getAverage(), summary.getMin(), summary.getMax()));
        }
        boolean method = id.equals(Report.METHOD);
        return new Curve(
                method ? report.method() : id, method ? METHOD_COLOUR : COLOURS.getOrDefault(id, PROBE_COLOUR), points);
    }

    /** Where a value stands: NEC on a logarithmic axis, since the first few concepts matter most. */
    private record Scale(double mostNec, double low, double high) {
        static Scale of(Report report, List<Curve> curves, @Nullable Double probe) {
            List<Double> heights = new ArrayList<>(List.of(report.accuracy()));
            double most = Math.max(2, report.nec());
            for (Curve curve : curves) {
                curve.points().values().forEach(spread -> heights.addAll(List.of(spread.low(), spread.high())));
                most = Math.max(most, curve.points().lastKey());
            }
            if (probe != null) {
                heights.add(probe);
            }
            var range = heights.stream().mapToDouble(Double::doubleValue).summaryStatistics();
            double low =
                    Math.min(0.9, Math.floor(10 * range.getMin()) / 10); // an axis of some height where all is right
            double high = Math.max(low + 0.1, Math.ceil(10 * range.getMax() - 1e-9) / 10);
            return new Scale(most, low, high);
        }

        double x(double nec) {
            return LEFT + Math.log(Math.max(1, nec)) / Math.log(mostNec) * AXIS;
        }

        double y(double accuracy) {
            return TOP + (high - accuracy) / (high - low) * (HEIGHT - TOP - BOTTOM);
        }
    }

    private String drawn() {
        axes();
        curves.forEach(this::band);
        curves.forEach(this::line);
        if (probe != null) {
            level(probe);
        }
        ring();
        double widest =
                labels.stream().mapToDouble(label -> width(label.text())).max().orElse(0);
        place();
        int width = (int) Math.ceil(LEFT + AXIS + 34 + widest);
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
                                + "font-size=\"%d\" role=\"img\"><title>Test accuracy against effective concepts per class</title>%n"
                                + "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n",
                        width,
                        HEIGHT,
                        FONT,
                        width,
                        HEIGHT)
                + svg
                + "</svg>\n";
    }

    private static double width(String text) {
        return OF_FONT * FONT * text.length();
    }

    private void axes() {
        double bottom = scale.y(scale.low());
        for (int tenth = (int) Math.round(10 * scale.low()); tenth <= Math.round(10 * scale.high()); tenth++) {
            double y = scale.y(tenth / 10.0);
            text(LEFT - 8, y + 4, "end", 10 * tenth + " %");
            add("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>", LEFT, LEFT + AXIS, y, y);
        }
        for (int nec : NEC_TICKS) {
            if (nec <= scale.mostNec()) {
                double x = scale.x(nec);
                text(x, bottom + 18, "middle", Integer.toString(nec));
                add(
                        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#888888\"/>",
                        x, x, bottom, bottom + 5);
            }
        }
        text(LEFT + AXIS / 2.0, bottom + 38, "middle", "effective concepts per class (NEC)");
        int seeds = report.details().size();
        text(LEFT, TOP - 14, "start", "test accuracy" + (seeds < 2 ? "" : ", mean over " + seeds + " seeds"));
    }

    /** The area between the lowest and the highest seed. */
    private void band(Curve curve) {
        if (report.details().size() < 2) {
            return;
        }
        Stream<String> upper = points(curve.points(), Spread::high);
        Stream<String> lower = points(curve.points().descendingMap(), Spread::low);
        add(
                "<polygon points=\"%s\" fill=\"%s\" fill-opacity=\"0.13\"><title>%s, lowest to highest seed</title></polygon>",
                Stream.concat(upper, lower).collect(Collectors.joining(" ")), curve.colour(), curve.name());
    }

    private void line(Curve curve) {
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                points(curve.points(), Spread::mean).collect(Collectors.joining(" ")), curve.colour());
        double last = curve.points().lastKey();
        Spread end = Objects.requireNonNull(curve.points().get(last));
        labels.add(new Label(curve.name(), curve.colour(), scale.x(last), scale.y(end.mean())));
    }

    private Stream<String> points(Map<Double, Spread> along, Function<Spread, Double> value) {
        return along.entrySet().stream()
                .map(p -> String.format(
                        Locale.ROOT, "%.1f,%.1f", scale.x(p.getKey()), scale.y(value.apply(p.getValue()))));
    }

    private void level(double accuracy) {
        double y = scale.y(accuracy);
        add(
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"5 4\"/>",
                LEFT, LEFT + AXIS, y, y, PROBE_COLOUR);
        labels.add(new Label("linear-probe (dense)", PROBE_COLOUR, LEFT + AXIS, y));
    }

    /** Rings what is in use, and says so below the axes. A method without a dial has this point alone. */
    private void ring() {
        double x = scale.x(report.nec());
        double y = scale.y(report.accuracy());
        ring(x, y, "in-use");
        if (curves.stream().noneMatch(curve -> curve.name().equals(report.method()))) {
            labels.add(new Label(report.method(), METHOD_COLOUR, x + 6, y));
        }
        int seeds = report.details().size();
        double line = HEIGHT - 26;
        ring(LEFT + 6, line - 4, "key");
        text(
                LEFT + 18,
                line,
                "start",
                String.format(
                        Locale.ROOT,
                        "in use: %s, NEC %s, accuracy %.1f %%%s",
                        report.method(),
                        report.nec() == Math.rint(report.nec())
                                ? Long.toString(Math.round(report.nec()))
                                : String.format(Locale.ROOT, "%.1f", report.nec()),
                        100 * report.accuracy(),
                        seeds < 2 ? "" : " (means over seeds)"));
        if (seeds >= 2 && !curves.isEmpty()) {
            text(LEFT + 18, line + LINE, "start", "bands: from the lowest seed to the highest");
        }
    }

    private void ring(double x, double y, String id) {
        add(
                "<circle id=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                id, x, y, METHOD_COLOUR);
    }

    /** Writes every name as near to the height of its line's end as the others let it. */
    private void place() {
        labels.sort(Comparator.comparingDouble(Label::y));
        double[] heights = new double[labels.size()];
        for (int i = 0; i < heights.length; i++) {
            heights[i] = Math.max(labels.get(i).y(), i == 0 ? TOP : heights[i - 1] + LINE);
        }
        double lowest = HEIGHT - BOTTOM;
        for (int i = heights.length - 1; i >= 0; i--) {
            heights[i] = Math.min(heights[i], lowest);
            lowest = heights[i] - LINE;
        }
        for (int i = 0; i < heights.length; i++) {
            Label label = labels.get(i);
            int x = LEFT + AXIS + 24;
            add(
                    "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"0.8\" "
                            + "stroke-dasharray=\"1 2\"/>",
                    label.x(), label.y(), x - 4, heights[i], label.colour());
            add(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"start\" fill=\"%s\">%s</text>",
                    x, heights[i] + 4, label.colour(), label.text());
        }
    }

    private void text(double x, double y, String anchor, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation's library is no dependency
    private void add(String element, Object... values) {
        svg.append(String.format(Locale.ROOT, element, values)).append('\n');
    }
}
