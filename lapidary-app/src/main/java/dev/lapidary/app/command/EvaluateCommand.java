package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.ConceptClassifier;
import dev.lapidary.concept.bottleneck.Report;
import dev.lapidary.data.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Judges a trained classifier and its stored baselines on items never seen. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = {
            "Judges a trained classifier and its stored baselines on labelled items that it never saw; fits nothing.",
            "JSON: the fields of train."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts evaluate --model model --data later-news.csv",
            "  lapidary concepts evaluate --model model --data later-news.csv --text body --label topic --json",
            "  lapidary concepts evaluate --model model --images later-photos --encoder clip-vit-base-patch32",
        })
final class EvaluateCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A folder that train or demo wrote.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private Output output;

    EvaluateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        data.requireSound();
        ConceptClassifier classifier = ConceptClassifier.load(model);
        try (ReadItems read = ReadItems.toJudge(classifier, data, encoder, output)) {
            Dataset labelled = read.data().relabel(classifier.classes());
            try (ModelItems items = ModelItems.of(classifier, labelled, encoder, output.progress())) {
                List<String> warnings = new ArrayList<>(items.warnings());
                if (read.data().digest().equals(classifier.identity().dataDigest())) {
                    warnings.add(
                            "these are the items of the training, so most were learned from: the accuracy says little "
                                    + "about items never seen");
                }
                Report report = classifier.evaluate(labelled, items.matrix(), Durations.since(begin), warnings);
                output.warnings(report.warnings());
                ObjectNode json = ReportView.json(report, false);
                json.put("seconds", Durations.since(begin));
                json.setAll(JsonLine.object(read.fields()));
                return output.result(() -> ReportView.text(report, classifier.classes(), true), () -> json);
            }
        }
    }
}
