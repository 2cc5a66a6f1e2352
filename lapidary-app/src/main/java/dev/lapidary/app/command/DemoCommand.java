package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.explain.ChangeList;
import dev.lapidary.concept.explain.Explainer;
import dev.lapidary.concept.explain.Explanation;
import dev.lapidary.concept.explain.Intervention;
import dev.lapidary.concept.explain.Interventions;
import dev.lapidary.concept.explain.Predictor;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Shows everything once on the packaged data. */
@Command(
        name = "demo",
        sortOptions = false,
        description = {
            "Trains an explainable classifier on 480 messages to a city's service desk, compares it with its baselines, explains "
                    + "decisions, intervenes, and saves all of it.",
            "JSON: the fields of train, with folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary demo", "  lapidary demo --out /tmp/demo --json"})
final class DemoCommand implements Callable<Integer> {
    private static final String RESOURCES = "/dev/lapidary/app/demo/";
    static final String DATA = "city-requests.csv";
    static final String CONCEPTS = "concepts.txt";
    private static final int NEC = 10;
    private static final int SEEDS = 5;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder to write. Default: lapidary-demo.")
    private Path out = Path.of("lapidary-demo");

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds. Default: " + SEEDS + ".")
    private int seeds = SEEDS;

    @Mixin
    private Output output;

    DemoCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        ConceptConfig config = ConceptConfig.defaults().withNec(NEC).withSeeds(seeds, 0);
        OutputFolder.require(out, new ClassifierDemoArtifact());
        requireDemo();
        Path temporary = Files.createTempDirectory("lapidary-demo");
        try {
            return run(config, copied(DATA, temporary), copied(CONCEPTS, temporary));
        } finally {
            AtomicFiles.deleteTree(temporary);
        }
    }

    /** Replaces what an earlier demo wrote; a classifier that somebody trained is none. */
    private void requireDemo() {
        if (Files.exists(out.resolve(AtomicFiles.MARKER)) && !Files.exists(out.resolve(DATA))) {
            throw new InputException(
                    out + ": must be new, empty or what an earlier demo wrote; got a classifier without " + DATA);
        }
    }

    private static Path copied(String resource, Path folder) throws IOException {
        Path file = folder.resolve(resource);
        try (InputStream in = DemoCommand.class.getResourceAsStream(RESOURCES + resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar must hold " + RESOURCES + resource + "; got none");
            }
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }

    private int run(ConceptConfig config, Path data, Path concepts) throws IOException {
        try (Dataset items = DataReader.read(DataSource.of(data));
                TextEncoder encoder = new EncoderOptions().open()) {
            output.remark("training sparse on " + items + " (messages to a city's service desk), at most " + NEC
                    + " concepts per class, " + ReportView.count(seeds, "seed"));
            ConceptClassifier classifier = ConceptTraining.of(items, encoder)
                    .concepts(concepts)
                    .config(config)
                    .progress(output.progress())
                    .cancellation(output.cancellation())
                    .run();
            classifier.save(out, new ClassifierDemoArtifact());
            for (Path input : List.of(data, concepts)) {
                AtomicFiles.write(
                        out.resolve(input.getFileName()),
                        file -> Files.copy(input, file, StandardCopyOption.REPLACE_EXISTING));
            }
            Report report = classifier.report();
            output.warnings(report.warnings());
            return output.result(() -> text(classifier, items, encoder), () -> json(report));
        }
    }

    private ObjectNode json(Report report) {
        ObjectNode object = ReportView.json(report, false);
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return object;
    }

    private String text(ConceptClassifier classifier, Dataset items, TextEncoder encoder) {
        try (EncodedTexts encoded = encoder.encode(items.texts(), output.progress())) {
            Test test = Test.of(classifier, items, encoded.embeddings());
            Explainer explainer = Explainer.of(classifier);
            String right = items.id(test.right());
            return ReportView.text(classifier.report(), classifier.classes(), false)
                    + "\n--- a message that it never saw, and gets right ---\n"
                    + explained(items, encoded.embeddings(), test.right(), explainer)
                    + "\n--- one that it gets wrong or is least sure of ---\n"
                    + explained(items, encoded.embeddings(), test.doubtful(), explainer)
                    + "\n--- an intervention ---\n"
                    + intervened(classifier, items, encoded.embeddings(), test)
                    + "\nSaved in " + out + ". Next:\n"
                    + "  lapidary concepts explain --model " + out
                    + " --input \"The lamp outside our door is broken\"\n"
                    + "  lapidary concepts explain --model " + out + " --id " + right + " --data " + out.resolve(DATA)
                    + "\n"
                    + "  lapidary concepts train --data " + out.resolve(DATA) + " --out another-model\n";
        }
    }

    private static String explained(Dataset items, EmbeddingMatrix embeddings, int row, Explainer explainer) {
        String label = items.classes().get(items.label(row));
        Explanation explanation = explainer.explain(embeddings.row(row), label);
        return items.id(row) + ": " + items.text(row) + "\n" + "label: " + label + "\n" + explanation.text();
    }

    /** Drops what contributes most to the doubtful decision, and lists what that changes among items never seen. */
    private static String intervened(
            ConceptClassifier classifier, Dataset items, EmbeddingMatrix embeddings, Test test) {
        Explanation.ClassScore decided = Explainer.of(classifier)
                .explain(embeddings.row(test.doubtful()))
                .classes()
                .getFirst();
        String loudest = decided.contributions().getFirst().concept();
        Interventions dropped = Interventions.on(classifier).apply(new Intervention.DropConcept(loudest));
        try (EmbeddingMatrix unseen = embeddings.select(test.rows())) {
            ChangeList changes = dropped.changes(
                    unseen,
                    IntStream.of(test.rows()).mapToObj(items::id).toList(),
                    IntStream.of(test.rows()).map(items::label).toArray());
            return "drop \"" + loudest + "\" for every class, on the test messages of seed "
                    + classifier.report().deciding().seed() + ", which decides (not a mean over seeds):\n"
                    + changes.text();
        }
    }

    /** The test items of the seed that predictions come from, the surest right one, and the surest wrong one. */
    @SuppressWarnings("ArrayRecordComponent") // private, never compared
    private record Test(int[] rows, int right, int doubtful) {
        static Test of(ConceptClassifier classifier, Dataset items, EmbeddingMatrix embeddings) {
            int[] rows = classifier.splits().get(classifier.bestSeed()).test().ids().stream()
                    .mapToInt(items::indexOf)
                    .toArray();
            double[][] logits = classifier.scorer().logits(embeddings, rows);
            int[] predicted = classifier.scorer().predict(embeddings, rows);
            int right = -1;
            int wrong = -1;
            int leastSure = 0;
            double[] sure = new double[rows.length];
            for (int i = 0; i < rows.length; i++) {
                sure[i] = Predictor.probability(logits[i], predicted[i]);
                leastSure = sure[i] < sure[leastSure] ? i : leastSure;
                if (predicted[i] == items.label(rows[i])) {
                    right = right < 0 || sure[i] > sure[right] ? i : right;
                } else {
                    wrong = wrong < 0 || sure[i] > sure[wrong] ? i : wrong;
                }
            }
            return new Test(rows, rows[Math.max(right, 0)], rows[wrong < 0 ? leastSure : wrong]);
        }
    }
}
