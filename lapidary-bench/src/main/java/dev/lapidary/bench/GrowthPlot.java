package dev.lapidary.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/** Draws how seconds and memory grow with the number of items, beside growth in proportion, as SVG. */
final class GrowthPlot {
    private static final int WIDTH = 300; // of one panel's axes
    private static final int HEIGHT = 200;
    private static final int LEFT = 60;
    private static final int TOP = 40;

    private GrowthPlot() {}

    /** Returns the picture of a result with measurements by size. */
    static String svg(JsonNode result) {
        List<JsonNode> sizes = new ArrayList<>();
        result.path("bySize").forEach(sizes::add);
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 300" font-family="sans-serif" font-size="12">
                <rect width="800" height="300" fill="white"/>
                """);
        panel(
                svg,
                0,
                "training, seconds",
                sizes,
                size -> size.path("trainSeconds").asDouble());
        panel(svg, 1, "peak memory, GB", sizes, size -> size.path("peakBytes").asDouble() / 1e9);
        return svg.append("</svg>\n").toString();
    }

    private static void panel(
            StringBuilder svg, int panel, String title, List<JsonNode> sizes, ToDoubleFunction<JsonNode> value) {
        int left = LEFT + panel * (WIDTH + 2 * LEFT - 20);
        double most = items(sizes.getLast());
        double proportional = value.applyAsDouble(sizes.getFirst()) / items(sizes.getFirst());
        double top = 1.1
                * Math.max(
                        proportional * most,
                        sizes.stream().mapToDouble(value).max().orElse(1));
        int bottom = TOP + HEIGHT;
        add(svg, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n", left, TOP - 15, title);
        add(svg, "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"black\"/>\n", left, TOP, bottom, left + WIDTH);
        add(
                svg,
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%.1f\" stroke=\"gray\" stroke-dasharray=\"4\"/>\n",
                left,
                bottom,
                left + WIDTH,
                bottom - HEIGHT * proportional * most / top);
        add(
                svg,
                "<text x=\"%d\" y=\"%.1f\" fill=\"gray\" text-anchor=\"end\">in proportion</text>\n",
                left + WIDTH - 30,
                bottom - HEIGHT * proportional * most / top + 8);
        StringBuilder line = new StringBuilder();
        for (JsonNode size : sizes) {
            double x = left + WIDTH * items(size) / most;
            double y = bottom - HEIGHT * value.applyAsDouble(size) / top;
            add(line, "%s%.1f %.1f", line.isEmpty() ? "M" : "L", x, y);
            add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#1f6feb\"/>\n", x, y);
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n",
                    x,
                    y - 8,
                    value.applyAsDouble(size));
            add(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>\n", x, bottom + 18, (long)
                    items(size));
        }
        add(svg, "<path d=\"%s\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\"/>\n", line);
        add(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">items</text>\n", left + WIDTH / 2, bottom + 38);
    }

    private static double items(JsonNode size) {
        return size.path("items").asDouble();
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation's library is no dependency
    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
