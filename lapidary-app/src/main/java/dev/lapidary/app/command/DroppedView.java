package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptLedger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows which concepts the filters dropped and why: lines for people, objects for programs. */
final class DroppedView {
    private static final int MOST_PROPOSED = 20; // of hundreds

    private DroppedView() {}

    /**
     * Returns one line a dropped concept, or nothing.
     *
     * @param chosen whether a person chose the concepts: then all are listed
     */
    static String text(ConceptLedger ledger, boolean chosen) {
        List<ConceptLedger.Entry> dropped = ledger.dropped();
        if (dropped.isEmpty()) {
            return "";
        }
        int shown = chosen ? dropped.size() : Math.min(MOST_PROPOSED, dropped.size());
        StringBuilder text = new StringBuilder(
                "\n%d of %d concepts are left out:\n".formatted(dropped.size(), dropped.size() + ledger.kept()));
        dropped.stream()
                .limit(shown)
                .forEach(entry -> text.append("  %s: %s\n".formatted(entry.rule(), entry.reason())));
        if (shown < dropped.size()) {
            text.append("  and %d more; --json and ledger.json list all\n".formatted(dropped.size() - shown));
        }
        return text.toString();
    }

    /** Returns all of them. */
    static List<Map<String, Object>> json(ConceptLedger ledger) {
        return ledger.dropped().stream().map(DroppedView::fields).toList();
    }

    private static Map<String, Object> fields(ConceptLedger.Entry entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("concept", entry.concept());
        fields.put("rule", entry.rule());
        fields.put("value", entry.value());
        fields.put("threshold", entry.threshold());
        fields.put("against", entry.against());
        fields.put("reason", entry.reason());
        return fields;
    }
}
