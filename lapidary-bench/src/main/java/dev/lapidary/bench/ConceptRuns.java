package dev.lapidary.bench;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Trainings of concept methods whose reports are kept, one file a run, so that an interrupted evidence goes on with those missing. */
final class ConceptRuns {
    /** Seeds of every run. */
    static final int SEEDS = 5;

    private static final double NEC = 10;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ConceptRuns() {}

    /** One run: a file name, how is trained, and which concepts it chooses from. */
    record Run(String id, ConceptConfig config, String concepts) {}

    /** Every method at NEC 10, and every published form. */
    static List<Run> methods(String concepts) {
        ConceptConfig base = ConceptConfig.defaults().withSeeds(SEEDS, 0);
        List<Run> runs = new ArrayList<>();
        for (BottleneckMethod method : BottleneckMethod.all()) {
            runs.add(new Run(method.id(), base.withMethod(Method.of(method.id())).withNec(NEC), concepts));
        }
        for (BottleneckMethod method : BottleneckMethod.all()) {
            if (method.published()) {
                runs.add(new Run(
                        method.id() + "-faithful", base.withMethod(Method.of(method.id())).withFaithful(true), concepts));
            }
        }
        return runs;
    }

    /** Runs what has no file yet in a folder, and returns a line of figures for each. */
    static Map<String, Object> run(String evidence, Path folder, List<Run> runs, Function<Run, Report> training)
            throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Run run : runs) {
            Path file = folder.resolve(run.id() + ".json");
            if (!Files.exists(file)) {
                System.err.println(evidence + ": " + run.id());
                Report report = training.apply(run);
                Files.createDirectories(folder);
                AtomicFiles.writeString(file, JSON.writeValueAsString(report) + "\n");
            }
            Report report = JSON.readValue(Files.readString(file), Report.class);
            figures.put(run.id(), Map.of("accuracy", report.accuracy(), "baselines", report.baselines()));
        }
        return figures;
    }
}
