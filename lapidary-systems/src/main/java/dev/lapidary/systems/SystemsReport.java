package dev.lapidary.systems;

import dev.lapidary.systems.CatalogueEntry.State;
import dev.lapidary.systems.Evidence.ComparisonFound;
import dev.lapidary.systems.Evidence.IdentityFound;
import dev.lapidary.systems.Evidence.TrialFound;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * Writes the catalogue as one HTML file that needs no network and runs no script: the list, and for each system with evidence its
 * claims as intervals on a line, its figures and its sabotages.
 */
public final class SystemsReport {
    private static final int WIDTH = 560; // of a plot, units of its own
    private static final int ROW = 30;
    private static final int EDGE = 16;

    private final StringBuilder html = new StringBuilder();

    private SystemsReport() {}

    /** Returns the file. */
    public static String of(Catalogue catalogue) {
        return new SystemsReport().write(catalogue);
    }

    private String write(Catalogue catalogue) {
        html.append("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <title>Lapidary: published systems</title>
                <style>
                :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #5b6570; --line: #d0d7de;
                  --good: #0b6e4f; --bad: #a4262c; --open: #7a5c00; }
                @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9aa5b1;
                  --line: #30363d; --good: #4cc38a; --bad: #ff8f8f; --open: #e3b341; } }
                body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
                  max-width: 60rem; margin: 0 auto; padding: 1rem; }
                table { border-collapse: collapse; font-size: 0.9rem; }
                .scroll { overflow-x: auto; }
                th, td { text-align: left; padding: 0.25rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
                td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
                .held { color: var(--good); font-weight: 600; } .lost { color: var(--bad); font-weight: 600; }
                .runs { color: var(--open); } .faint { color: var(--faint); }
                svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
                a { color: inherit; } section { border-top: 2px solid var(--line); margin-top: 2rem; }
                </style>
                </head>
                <body>
                <h1>Published systems</h1>
                """);
        element("p", SystemsPage.counts(catalogue));
        list(catalogue.entries());
        for (CatalogueEntry entry : catalogue.entries()) {
            Evidence evidence = entry.evidence();
            if (evidence != null) {
                section(entry, evidence);
            }
        }
        return html.append("</body>\n</html>\n").toString();
    }

    private void list(List<CatalogueEntry> entries) {
        html.append(
                "<div class=\"scroll\"><table>\n<thead><tr><th>row</th><th>system</th><th>family</th><th>tier</th><th>state</th></tr></thead>\n<tbody>\n");
        for (CatalogueEntry entry : entries) {
            SystemRow row = entry.row();
            String title = escape(row.title());
            html.append("<tr><td class=\"n\">").append(row.row()).append("</td><td>");
            html.append(entry.evidence() == null ? title : "<a href=\"#" + row.id() + "\">" + title + "</a>");
            html.append("</td><td>")
                    .append(escape(row.family()))
                    .append("</td><td>")
                    .append(row.tier());
            html.append("</td><td class=\"").append(style(entry.state())).append("\">");
            html.append(entry.state().word()).append("</td></tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static String style(State state) {
        return switch (state) {
            case HELD, COUNTERPART -> "held";
            case LOST -> "lost";
            case RUNS -> "runs";
            case NOT_BEGUN -> "faint";
        };
    }

    private void section(CatalogueEntry entry, Evidence evidence) {
        SystemRow row = entry.row();
        html.append("<section id=\"").append(row.id()).append("\">\n");
        element("h2", row.title());
        element("p", "Row " + row.row() + ". " + row.paper());
        element("p", "Claim: " + row.claim());
        element("p", "Check: " + row.check());
        row.limits().forEach(limit -> element("p", "Limit: " + limit));
        html.append("<p class=\"").append(evidence.held() ? "held" : "lost").append("\">");
        html.append(evidence.held() ? "Held" : "Lost")
                .append(" over ")
                .append(evidence.seeds().size());
        html.append(" seeds from ").append(evidence.seeds().getFirst()).append("</p>\n");
        Evidence.Run run = entry.run();
        if (run != null) {
            element("p", made(run));
        }
        identities(evidence.identities());
        evidence.trials().forEach(this::trial);
        html.append("</section>\n");
    }

    private static String made(Evidence.Run run) {
        return String.format(
                Locale.ROOT,
                "Measured in %.0f minutes on %s, with Lapidary %s, Java %s and PyTorch %s; digest of the measuring code: %s.",
                Math.ceil(run.seconds() / 60),
                String.join("; ", run.machines()),
                run.lapidary(),
                run.java(),
                run.pytorch(),
                String.join(", ", run.code()));
    }

    private void identities(List<IdentityFound> identities) {
        if (identities.isEmpty()) {
            return;
        }
        html.append("<div class=\"scroll\"><table>\n<thead><tr><th>identity</th><th>error</th><th>at most</th>");
        html.append("<th></th></tr></thead>\n<tbody>\n");
        for (IdentityFound found : identities) {
            html.append("<tr><td>").append(escape(found.name())).append("</td><td class=\"n\">");
            html.append(Figures.number(found.error())).append("</td><td class=\"n\">");
            html.append(Figures.number(found.bound())).append("</td><td class=\"");
            html.append(found.held() ? "held\">holds" : "lost\">broken").append("</td></tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private void trial(TrialFound trial) {
        element("h3", trial.trial());
        if (!trial.comparisons().isEmpty()) {
            trial.comparisons().forEach(this::plot);
        }
        List<String> names = Figures.names(trial);
        html.append("<div class=\"scroll\"><table>\n<thead><tr><th>arm</th><th>role</th>");
        names.forEach(name -> html.append("<th>").append(escape(name)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        trial.arms().forEach(arm -> {
            SequencedMap<String, List<Double>> figures = Figures.of(arm);
            html.append("<tr><td>").append(escape(arm.name())).append("</td><td>");
            html.append(arm.role().word()).append("</td>");
            names.forEach(name -> html.append("<td class=\"n\">")
                    .append(Figures.mean(figures, name))
                    .append("</td>"));
            html.append("</tr>\n");
        });
        html.append("</tbody></table></div>\n");
        trial.sabotages()
                .forEach(each -> element(
                        "p",
                        "In the method's place, " + each.name()
                                + (each.failed() ? " fails the check, as it should." : " still passes the check.")));
    }

    /** One claim: its interval as a bar, its mean as a dot, and lines at 0 and at minus the margin. */
    private void plot(ComparisonFound found) {
        List<Double> interval = found.interval();
        if (interval == null) {
            return;
        }
        double low = Math.min(Math.min(interval.get(0), 0), -found.margin());
        double high = Math.max(interval.get(1), 0);
        double span = high > low ? high - low : 1;
        double zero = x(0, low, span);
        String colour = Boolean.TRUE.equals(found.held()) ? "var(--good)" : "var(--bad)";
        String text = found.name() + ": " + found.verdict() + ", " + Figures.number(found.difference()) + " "
                + Figures.interval(interval) + (found.margin() > 0 ? ", margin " + Figures.number(found.margin()) : "");
        element("p", text);
        html.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"%s\">\n",
                WIDTH,
                ROW,
                WIDTH,
                escape(text)));
        line(zero, 0, zero, ROW, "var(--faint)", 1, "");
        if (found.margin() > 0) {
            double margin = x(-found.margin(), low, span);
            line(margin, 0, margin, ROW, "var(--faint)", 1, " stroke-dasharray=\"3 3\"");
        }
        line(
                x(interval.get(0), low, span),
                ROW / 2.0,
                x(interval.get(1), low, span),
                ROW / 2.0,
                colour,
                4,
                " stroke-linecap=\"round\"");
        html.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>\n</svg>\n",
                x(found.difference(), low, span),
                ROW / 2.0,
                colour));
    }

    private static double x(double value, double low, double span) {
        return EDGE + (value - low) / span * (WIDTH - 2 * EDGE);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, int width, String more) {
        html.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%d\"%s/>\n",
                x1,
                y1,
                x2,
                y2,
                colour,
                width,
                more));
    }

    private void element(String name, String text) {
        html.append('<')
                .append(name)
                .append('>')
                .append(escape(text))
                .append("</")
                .append(name)
                .append(">\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
