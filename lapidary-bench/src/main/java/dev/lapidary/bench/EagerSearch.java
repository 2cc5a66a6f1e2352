package dev.lapidary.bench;

import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Concept Matrix Search as one writes it down in eager PyTorch: the whole matrix of items by concepts, operation by operation. */
final class EagerSearch {
    private final Tensor items; // [n, d]
    private final Tensor concepts; // [M, d]
    private final Tensor classes; // [K, d]
    private final Tensor trainingMeans; // [M]

    /** Takes embeddings of any length; the training items of the inductive variants are the items. */
    EagerSearch(TorchScope scope, Tensor items, Tensor concepts, Tensor classes) {
        this.items = items;
        this.concepts = scope.keep(unit(concepts));
        this.classes = scope.keep(unit(classes));
        try (TorchScope own = TorchScope.open()) {
            Tensor sums = unit(items).mm(this.concepts.t()).sum(new long[] {0}, false, new ScalarTypeOptional());
            trainingMeans = own.keep(sums.div(new Scalar((double) items.size(0))));
        }
    }

    /** Returns scores [n, K]. */
    Tensor scores(Variant variant) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor v = unit(items).mm(concepts.t()); // [n, M]
            Tensor t = classes.mm(concepts.t()); // [K, M]
            if (variant.normalisation() == Normalisation.ROW) {
                Scalar epsilon = new Scalar(1e-8);
                v = v.div(v.sum(new long[] {1}, true, new ScalarTypeOptional()).add(epsilon));
                t = t.div(t.sum(new long[] {1}, true, new ScalarTypeOptional()).add(epsilon));
            } else if (variant.normalisation() != Normalisation.NONE) {
                boolean inductive = variant.normalisation() == Normalisation.INDUCTIVE_COLUMN;
                v = v.div(inductive ? trainingMeans : columnMeans(v));
                t = t.div(columnMeans(t));
            }
            return scope.keep(compare(v, t, variant.rule()));
        }
    }

    private static Tensor compare(Tensor v, Tensor t, Rule rule) {
        return switch (rule) {
            case COSINE -> unit(v).mm(unit(t).t());
            case CUBED ->
                unit(v.pow(new Scalar(3.0))).mm(unit(t.pow(new Scalar(3.0))).t());
            case MAX ->
                t.index_select(1, v.argmax(new LongOptional(1), false)).t().contiguous();
        };
    }

    private static Tensor columnMeans(Tensor x) {
        return x.sum(new long[] {0}, false, new ScalarTypeOptional()).div(new Scalar((double) x.size(0)));
    }

    private static Tensor unit(Tensor x) {
        return x.div(x.norm(new ScalarOptional(new Scalar(2.0)), new long[] {1}, true));
    }
}
