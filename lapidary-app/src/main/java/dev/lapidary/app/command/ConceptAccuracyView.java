package dev.lapidary.app.command;

import dev.lapidary.concept.explain.ConceptAccuracy;
import dev.lapidary.concept.explain.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Says for people and as JSON what {@link dev.lapidary.concept.audit.NameAccuracy} measured. */
final class ConceptAccuracyView {
    private ConceptAccuracyView() {}

    /** For people: the means, the control and a table of all concepts. */
    static String text(ConceptAccuracy concepts) {
        TextTable table = new TextTable().row("concept", "present", "balanced accuracy", "ROC area");
        concepts.concepts()
                .forEach(one -> table.row(
                        one.name(),
                        ReportView.percent(one.share()),
                        ReportView.percent(one.balancedAccuracy()),
                        String.format(Locale.ROOT, "%.3f", one.rocArea())));
        return concepts.text() + "\n" + table;
    }

    /** For JSON: conceptAccuracy, conceptInterval, conceptShuffled, conceptRocArea, conceptsCounted, concept by concept. */
    static Map<String, Object> fields(ConceptAccuracy concepts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("conceptAccuracy", concepts.balancedAccuracy());
        fields.put("conceptInterval", List.of(concepts.low(), concepts.high()));
        fields.put("conceptShuffled", concepts.shuffledBalancedAccuracy());
        fields.put("conceptRocArea", concepts.rocArea());
        fields.put("conceptsCounted", concepts.counted());
        List<Map<String, Object>> figures = new ArrayList<>();
        for (ConceptAccuracy.Figures one : concepts.concepts()) {
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("name", one.name());
            figure.put("share", one.share());
            figure.put("balancedAccuracy", one.balancedAccuracy());
            figure.put("rocArea", one.rocArea());
            figures.add(figure);
        }
        fields.put("conceptFigures", figures);
        return fields;
    }
}
