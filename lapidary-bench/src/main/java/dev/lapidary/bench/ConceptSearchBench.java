package dev.lapidary.bench;

import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.torch.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All variants of Concept Matrix Search on cached embeddings: ours against eager PyTorch. */
final class ConceptSearchBench implements Benchmark {
    private static final int REPETITIONS = 7;
    static final double TOLERANCE = 1e-4; // of scores, which are at most 1
    private static final double AGREEMENT =
            0.999; // of predictions: the nearest of 5,051 concepts may be a tie in float32

    private final int items;
    private final int concepts;
    private final int classes;
    private final int width;

    ConceptSearchBench() {
        this(10_000, 5_051, 100, 512);
    }

    ConceptSearchBench(int items, int concepts, int classes, int width) {
        this.items = items;
        this.concepts = concepts;
        this.classes = classes;
        this.width = width;
    }

    @Override
    public String name() {
        return "concept-search";
    }

    @Override
    public String summary() {
        return "Concept Matrix Search, %,d items x %,d concepts x %d classes, against eager PyTorch"
                .formatted(items, concepts, classes);
    }

    @Override
    public Map<String, Object> run() {
        int threads = Runtime.getRuntime().availableProcessors();
        try (SideProcess ours = start(ConceptSearchSide.OURS);
                SideProcess eager = start(ConceptSearchSide.EAGER)) {
            ours.setThreads(1, threads);
            eager.setThreads(threads, threads); // whole-matrix operations gain from a second thread
            Memory memory = ours.ask(ConceptSearchSide.MEMORY, Memory.class); // before anything else
            Map<String, Object> result = report(measure(ours, eager), threads);
            result.put("peakMegabytes", memory.peak() >> 20);
            result.put("growthMegabytes", (memory.peak() - memory.before()) >> 20);
            eager.report(result);
            return result;
        }
    }

    private SideProcess start(String side) {
        return SideProcess.start(
                ConceptSearchSide.class,
                side,
                Integer.toString(items),
                Integer.toString(concepts),
                Integer.toString(classes),
                Integer.toString(width));
    }

    /** What our process held before the search and at its peak, bytes. */
    record Memory(long before, long peak) {}

    /** How far both sides are apart: the largest difference of a score, and the share of equal predictions. */
    record Comparison(double difference, double agreement) {}

    /** Median milliseconds of one variant on both sides. */
    private record Timed(Variant variant, double ours, double reference) {
        double ratio() {
            return reference / ours;
        }
    }

    /** All variants, the median milliseconds of the product of items and concepts alone, and how far both sides are apart. */
    private record Measured(List<Timed> variants, double product, Comparison comparison) {}

    private static Measured measure(SideProcess ours, SideProcess eager) {
        List<Variant> variants = Variant.all();
        double[][] our = new double[variants.size()][REPETITIONS];
        double[][] reference = new double[variants.size()][REPETITIONS];
        double[] product = new double[REPETITIONS];
        for (int r = -1; r < REPETITIONS; r++) { // the first round warms up
            int at = Math.max(r, 0);
            for (int v = 0; v < variants.size(); v++) {
                our[v][at] = ours.number(variants.get(v).id());
                reference[v][at] = eager.number(variants.get(v).id());
            }
            product[at] = eager.number(ConceptSearchSide.PRODUCT);
        }
        List<Timed> timed = new ArrayList<>();
        for (int v = 0; v < variants.size(); v++) {
            timed.add(new Timed(variants.get(v), PairedTiming.median(our[v]), PairedTiming.median(reference[v])));
        }
        Comparison comparison = eager.ask(ConceptSearchSide.COMPARISON, Comparison.class);
        return new Measured(timed, PairedTiming.median(product), comparison);
    }

    private Map<String, Object> report(Measured measured, int threads) {
        Timed slowest = Collections.max(measured.variants(), Comparator.comparingDouble(Timed::ours));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("ratio", slowest.ratio());
        result.put(
                "reference",
                "the same variant (our slowest, " + slowest.variant().id() + ") in eager PyTorch " + Torch.version()
                        + " over the whole matrix of items by concepts");
        result.put("bound", measured.product() / slowest.ours());
        result.put(
                "boundOf",
                "the product of items and concepts alone, "
                        + Math.round(2e-6 * items * concepts * width / measured.product())
                        + " GFLOP/s in the same run");
        result.put("ourMillis", slowest.ours());
        result.put("referenceMillis", slowest.reference());
        result.put("variants", variants(measured));
        result.put("threads", threads);
        result.put("sizes", Map.of("items", items, "concepts", concepts, "classes", classes, "width", width));
        result.put("repetitions", REPETITIONS);
        Comparison found = measured.comparison();
        result.put("equal", found.difference() <= TOLERANCE && found.agreement() >= AGREEMENT);
        result.put("difference", found.difference());
        result.put("agreement", found.agreement());
        return result;
    }

    private static Map<String, Object> variants(Measured measured) {
        Map<String, Object> variants = new LinkedHashMap<>();
        for (Timed timed : measured.variants()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("ourMillis", timed.ours());
            entry.put("referenceMillis", timed.reference());
            entry.put("ratio", timed.ratio());
            if (timed.variant().rule() != Rule.COSINE) { // which needs no such product
                entry.put("bound", measured.product() / timed.ours());
            }
            variants.put(timed.variant().id(), entry);
        }
        return variants;
    }
}
