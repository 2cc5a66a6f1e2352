package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says which model an answer comes from: the seed that decides, with its accuracy, and what was edited by hand. */
final class ModelView {
    private ModelView() {}

    /** One sentence on the seed that decides. */
    static String seed(ConceptClassifier classifier) {
        Report report = classifier.report();
        Report.SeedReport seed = report.deciding();
        String of =
                report.details().size() == 1 ? "" : " of " + report.details().size();
        String mean =
                report.details().size() == 1 ? "" : "; the mean over seeds is " + ReportView.percent(report.accuracy());
        return "from seed " + seed.seed() + of + ", which was right for " + ReportView.percent(seed.accuracy())
                + " of its test items" + mean
                + (classifier.edits().isEmpty() ? "" : "; these figures are from before the edits");
    }

    /** A paragraph on what was edited by hand; empty where nothing was. */
    static String edits(ConceptClassifier classifier) {
        return classifier.edits().isEmpty()
                ? ""
                : "THIS MODEL WAS EDITED BY HAND after training: " + String.join("; ", classifier.edits()) + "\n";
    }

    /** A sentence on what is not known of items far from the training; empty where it is. */
    static String forgets(ConceptClassifier classifier) {
        return classifier.seenItems().isPresent()
                ? ""
                : "whether an item is far from the training items is not known: the model does not remember them";
    }

    /** The same for programs. */
    static Map<String, Object> fields(ConceptClassifier classifier) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Report.SeedReport seed = classifier.report().deciding();
        fields.put("decides", Map.of("seed", seed.seed(), "accuracy", seed.accuracy()));
        List<String> edits = classifier.edits();
        if (!edits.isEmpty()) {
            fields.put("edits", edits);
        }
        if (classifier.seenItems().isEmpty()) {
            fields.put("farKnown", false);
        }
        return fields;
    }
}
