package dev.lapidary.bench;

import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** All variants of Concept Matrix Search on cached embeddings: ours against eager PyTorch. */
final class ConceptSearchBench implements Benchmark {
    private static final int REPETITIONS = 7;
    private static final int WARM_UPS = 2;
    private static final double TOLERANCE = 1e-4; // of scores, which are at most 1
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
        Torch.load();
        int threads = Torch.threads();
        try (EmbeddingMatrix f = random(items, 1);
                EmbeddingMatrix c = random(concepts, 2);
                EmbeddingMatrix g = random(classes, 3);
                TorchScope scope = TorchScope.open()) {
            long before = ProcessMemory.resident();
            ConceptMatrixSearch search = ConceptMatrixSearch.fit(c, g, f, null, ConceptMatrixSearch.UNGUARDED);
            for (int i = 0; i < WARM_UPS; i++) {
                Variant.all().forEach(variant -> search.classify(f, null, variant));
            }
            long peak = ProcessMemory.peak(); // before the reference takes memory of its own
            EagerSearch eager = new EagerSearch(scope, wrap(f), wrap(c), wrap(g));
            Measured measured = measure(search, eager, f, wrap(f), wrap(c), threads);
            Map<String, Object> result = report(measured, threads);
            result.put("peakMegabytes", peak >> 20);
            result.put("growthMegabytes", (peak - before) >> 20);
            return result;
        } finally {
            Torch.setThreads(threads);
        }
    }

    /** Median milliseconds of one variant on both sides. */
    private record Timed(Variant variant, double ours, double reference) {
        double ratio() {
            return reference / ours;
        }
    }

    /** All variants, the median milliseconds of the product of items and concepts alone, and how far both sides are apart. */
    private record Measured(List<Timed> variants, double product, double difference, double agreement) {}

    private Measured measure(
            ConceptMatrixSearch search,
            EagerSearch eager,
            EmbeddingMatrix f,
            Tensor items,
            Tensor concepts,
            int threads) {
        List<Variant> variants = Variant.all();
        double[][] ours = new double[variants.size()][REPETITIONS];
        double[][] reference = new double[variants.size()][REPETITIONS];
        double[] product = new double[REPETITIONS];
        double difference = 0;
        double agreement = 1;
        for (int r = -1; r < REPETITIONS; r++) { // the first round warms up and compares
            int at = Math.max(r, 0);
            for (int v = 0; v < variants.size(); v++) {
                Variant variant = variants.get(v);
                Torch.setThreads(1, threads);
                long start = System.nanoTime();
                SearchResult result = search.classify(f, null, variant);
                ours[v][at] = millisSince(start);
                Torch.setThreads(threads, threads); // whole-matrix operations gain from a second thread
                start = System.nanoTime();
                try (Tensor scores = eager.scores(variant)) {
                    reference[v][at] = millisSince(start);
                    if (r < 0) {
                        difference = Math.max(difference, difference(result, scores, variant.rule()));
                        agreement = Math.min(agreement, agreement(result, scores));
                    }
                }
            }
            product[at] = product(items, concepts);
        }
        List<Timed> timed = new ArrayList<>();
        for (int v = 0; v < variants.size(); v++) {
            timed.add(new Timed(variants.get(v), PairedTiming.median(ours[v]), PairedTiming.median(reference[v])));
        }
        return new Measured(timed, PairedTiming.median(product), difference, agreement);
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
        result.put("equal", measured.difference() <= TOLERANCE && measured.agreement() >= AGREEMENT);
        result.put("difference", measured.difference());
        result.put("agreement", measured.agreement());
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

    private static double product(Tensor items, Tensor concepts) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor out = torch.mm(items, concepts.t());
            long start = System.nanoTime();
            torch.mm_out(out, items, concepts.t()); // into memory that is there already: the rate, not the page faults
            return millisSince(start);
        }
    }

    /** Largest difference of a score; of the rule max none, since a tie changes all scores of an item. */
    private static double difference(SearchResult ours, Tensor reference, Rule rule) {
        if (rule == Rule.MAX) {
            return 0;
        }
        float[] scores = Tensors.toFloats(reference);
        double difference = 0;
        for (int i = 0; i < scores.length; i++) {
            double off = Math.abs(ours.score(i / ours.classes(), i % ours.classes()) - scores[i]);
            difference = off <= difference ? difference : off; // NaN stays
        }
        return difference;
    }

    private static double agreement(SearchResult ours, Tensor reference) {
        float[] scores = Tensors.toFloats(reference);
        int[] predictions = ours.predictions();
        int same = 0;
        for (int i = 0; i < predictions.length; i++) {
            float best = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < ours.classes(); k++) {
                best = Math.max(best, scores[i * ours.classes() + k]);
            }
            same += scores[i * ours.classes() + predictions[i]] >= best - TOLERANCE * Math.abs(best) ? 1 : 0;
        }
        return (double) same / predictions.length;
    }

    /** Random directions around a common one, so that all mean similarities are well above 0, as a vision encoder's are. */
    private EmbeddingMatrix random(int rows, long seed) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(rows, width);
        Random random = new Random(seed);
        float[] row = new float[width];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                row[j] = (float) random.nextGaussian() + (j % 4 == 0 ? 1 : 0);
            }
            matrix.set(i, row);
        }
        return matrix;
    }

    private static Tensor wrap(EmbeddingMatrix matrix) {
        return Tensors.wrap(matrix.segment(), matrix.rows(), matrix.width());
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
