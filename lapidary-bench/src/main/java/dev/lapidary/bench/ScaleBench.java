package dev.lapidary.bench;

import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.ProcessMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trains and evaluates on up to a million generated embeddings, each size in a JVM of its own with a bounded heap, and shows how time
 * and memory grow.
 *
 * <p>Width 384, 4 classes, 500 concepts of which 40 mean something, the default method with all its baselines, one seed, NEC 10. What
 * is evaluated is a file of a quarter as many other items.
 */
public final class ScaleBench implements Benchmark {
    private static final String HEAP = "1g";
    private static final double MOST_BYTES = 4e9;
    private static final int EVALUATED = 4; // items trained on per item evaluated

    private final int[] sizes;
    private final int concepts;

    ScaleBench() {
        this(new int[] {250_000, 500_000, 1_000_000}, 500);
    }

    ScaleBench(int[] sizes, int concepts) {
        this.sizes = sizes.clone();
        this.concepts = concepts;
    }

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String summary() {
        return "training and evaluation on %,d embeddings of width %d with %d concepts: how time and memory grow"
                .formatted(sizes[sizes.length - 1], GeneratedEmbeddings.WIDTH, concepts);
    }

    /** What one size took. Seconds do not contain writing the generated files. */
    record Measured(
            int items,
            double readSeconds,
            double trainSeconds,
            double evaluateSeconds,
            long peakBytes,
            int concepts,
            double nec,
            double accuracy,
            double linearProbe) {
        double seconds() {
            return readSeconds + trainSeconds + evaluateSeconds;
        }

        double itemsPerSecond() {
            return items / seconds();
        }
    }

    @Override
    public Map<String, Object> run() {
        List<Measured> all = new ArrayList<>();
        try {
            for (int size : sizes) {
                all.add(inFolder(size, ScaleBench::fork));
                System.err.println(all.getLast());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return report(all);
    }

    private interface Work {
        Measured in(Path folder) throws IOException;
    }

    private Measured inFolder(int size, Work work) throws IOException {
        Path folder = Files.createTempDirectory("lapidary-scale");
        try {
            long needed = GeneratedEmbeddings.bytes(size) + GeneratedEmbeddings.bytes(size / EVALUATED) + (64 << 20);
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < needed) {
                throw new IOException(folder + " must have " + needed + " bytes free; got " + free);
            }
            var generated = new GeneratedEmbeddings();
            generated.writeItems(folder.resolve("train.safetensors"), size, 10);
            generated.writeItems(folder.resolve("new.safetensors"), size / EVALUATED, 11);
            generated.writeConcepts(folder.resolve("concepts.safetensors"), concepts);
            return work.in(folder);
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    private static Measured fork(Path folder) throws IOException {
        String last = ChildJvm.lastLine(HEAP, ScaleBench.class, List.of(folder.toString()));
        return new JsonMapper().readValue(last, Measured.class);
    }

    /** Measures one size in this process: the argument is the folder with its files. */
    public static void main(String[] arguments) throws IOException {
        Measured measured = measure(Path.of(arguments[0]));
        System.out.println(new JsonMapper().writeValueAsString(measured));
        System.exit(0); // native libraries may have started threads of their own
    }

    /** Trains and evaluates on the files in a folder. */
    static Measured measure(Path folder) throws IOException {
        ConceptFilters.Settings usual = ConceptFilters.Settings.defaults();
        var keepAll = new ConceptFilters.Settings(
                usual.maxLength(), usual.classCutoff(), usual.duplicateCutoff(), -1); // random vectors activate little
        long start = System.nanoTime();
        ConceptClassifier classifier;
        double read;
        double trained;
        int items;
        try (Dataset data = DataReader.read(DataSource.of(folder.resolve("train.safetensors")))) {
            read = secondsSince(start);
            start = System.nanoTime();
            items = data.size();
            classifier = ConceptTraining.ofEmbeddings(data)
                    .concepts(folder.resolve("concepts.safetensors"))
                    .filters(keepAll)
                    .config(ConceptConfig.defaults().withSeeds(1, 0).withNec(10))
                    .run();
            trained = secondsSince(start);
        }
        start = System.nanoTime();
        try (Dataset fresh = DataReader.read(DataSource.of(folder.resolve("new.safetensors")))) {
            Report report = classifier.evaluate(fresh, fresh.embeddings().orElseThrow(), 0, List.of());
            return new Measured(
                    items,
                    read,
                    trained,
                    secondsSince(start),
                    ProcessMemory.peak(),
                    report.concepts(),
                    report.nec(),
                    report.accuracy(),
                    Objects.requireNonNull(report.baselines().get("linear-probe")));
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private Map<String, Object> report(List<Measured> all) {
        Measured first = all.getFirst();
        Measured last = all.getLast();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("ratio", last.itemsPerSecond() / first.itemsPerSecond());
        result.put("reference", "items a second at " + first.items() + " items: 1 is linear growth");
        result.put("ourMillis", 1e3 * last.seconds());
        result.put("referenceMillis", 1e3 * first.seconds() * last.items() / first.items());
        result.put("seconds", last.seconds());
        result.put("peakBytes", last.peakBytes());
        result.put("withinBytes", MOST_BYTES);
        result.put(
                "timeExponent",
                exponent(all.stream()
                        .map(m -> new double[] {m.items(), m.seconds()})
                        .toList()));
        result.put(
                "memoryExponent",
                exponent(all.stream()
                        .map(m -> new double[] {m.items(), m.peakBytes()})
                        .toList()));
        result.put("bySize", all);
        result.put("threads", Runtime.getRuntime().availableProcessors());
        result.put(
                "sizes",
                Map.of(
                        "items",
                        last.items(),
                        "concepts",
                        concepts,
                        "classes",
                        GeneratedEmbeddings.CLASSES.size(),
                        "width",
                        GeneratedEmbeddings.WIDTH));
        result.put("heap", HEAP);
        result.put("repetitions", 1);
        result.put("equal", last.peakBytes() <= MOST_BYTES && Math.abs(last.accuracy() - first.accuracy()) < 0.02);
        result.put(
                "equalMeans", "peak memory within its limit, accuracies of smallest and largest size within 2 points");
        return result;
    }

    /** The exponent b of y = a·x^b by least squares of the logarithms; 1 is linear growth. */
    static double exponent(List<double[]> points) {
        double meanX =
                points.stream().mapToDouble(p -> Math.log(p[0])).average().orElseThrow();
        double meanY =
                points.stream().mapToDouble(p -> Math.log(p[1])).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (double[] p : points) {
            products += (Math.log(p[0]) - meanX) * (Math.log(p[1]) - meanY);
            squares += (Math.log(p[0]) - meanX) * (Math.log(p[0]) - meanX);
        }
        return products / squares;
    }
}
