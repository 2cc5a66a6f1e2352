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
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The process of one side of {@link ConceptSearchBench}: ours or eager PyTorch, on the same embeddings. It times a variant by its name. */
final class ConceptSearchSide {
    static final String OURS = "ours";
    static final String EAGER = "eager";

    /** Ours: searches for the first time and tells what memory that took. */
    static final String MEMORY = "memory";

    /** Eager: times the product of items and concepts alone. */
    static final String PRODUCT = "product";

    /** Eager: compares the scores of both sides. */
    static final String COMPARISON = "comparison";

    private static final int WARM_UPS = 2;

    private final EmbeddingMatrix items; // [n, d]
    private final EmbeddingMatrix concepts; // [M, d]
    private final EmbeddingMatrix classes; // [K, d]

    private ConceptSearchSide(int items, int concepts, int classes, int width) {
        this.items = random(items, width, 1);
        this.concepts = random(concepts, width, 2);
        this.classes = random(classes, width, 3);
    }

    /** Arguments are the side and the numbers of items, concepts, classes and components. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            Torch.load();
            ConceptSearchSide side = new ConceptSearchSide(
                    Integer.parseInt(arguments[1]),
                    Integer.parseInt(arguments[2]),
                    Integer.parseInt(arguments[3]),
                    Integer.parseInt(arguments[4]));
            return arguments[0].equals(OURS) ? side.ours() : side.eager();
        });
    }

    private Map<String, Supplier<?>> ours() {
        long before = ProcessMemory.resident();
        ConceptMatrixSearch search = search();
        Map<String, Supplier<?>> requests = new HashMap<>();
        for (Variant variant : Variant.all()) {
            requests.put(variant.id(), new PairedTiming.Side(() -> search.classify(items, null, variant), 1)::millis);
        }
        requests.put(MEMORY, () -> {
            for (int i = 0; i < WARM_UPS; i++) {
                Variant.all().forEach(variant -> search.classify(items, null, variant));
            }
            return new ConceptSearchBench.Memory(before, ProcessMemory.peak());
        });
        return requests;
    }

    private ConceptMatrixSearch search() {
        return ConceptMatrixSearch.fit(concepts, classes, items, null, ConceptMatrixSearch.UNGUARDED);
    }

    private Map<String, Supplier<?>> eager() {
        TorchScope scope = TorchScope.open(); // until the process ends
        Tensor f = wrap(items);
        Tensor c = wrap(concepts);
        EagerSearch eager = new EagerSearch(scope, f, c, wrap(classes));
        Map<String, Supplier<?>> requests = new HashMap<>();
        for (Variant variant : Variant.all()) {
            requests.put(
                    variant.id(),
                    new PairedTiming.Side(() -> eager.scores(variant).close(), 1)::millis);
        }
        Tensor turned = c.t();
        Tensor out = torch.mm(f, turned); // memory that is there already: the rate, not the page faults
        requests.put(PRODUCT, new PairedTiming.Side(() -> torch.mm_out(out, f, turned), 1)::millis);
        requests.put(COMPARISON, () -> comparison(eager));
        return requests;
    }

    private ConceptSearchBench.Comparison comparison(EagerSearch eager) {
        ConceptMatrixSearch search = search();
        double difference = 0;
        double agreement = 1;
        for (Variant variant : Variant.all()) {
            SearchResult ours = search.classify(items, null, variant);
            try (Tensor scores = eager.scores(variant)) {
                difference = Math.max(difference, difference(ours, scores, variant.rule()));
                agreement = Math.min(agreement, agreement(ours, scores));
            }
        }
        return new ConceptSearchBench.Comparison(difference, agreement);
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
            same += scores[i * ours.classes() + predictions[i]] >= best - ConceptSearchBench.TOLERANCE * Math.abs(best)
                    ? 1
                    : 0;
        }
        return (double) same / predictions.length;
    }

    /** Random directions around a common one, so that all mean similarities are well above 0, as a vision encoder's are. */
    private static EmbeddingMatrix random(int rows, int width, long seed) {
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
}
