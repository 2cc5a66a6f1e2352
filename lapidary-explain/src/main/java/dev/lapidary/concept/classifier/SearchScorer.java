package dev.lapidary.concept.classifier;

import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scores classes by Concept Matrix Search; every concept that is not dropped has a say in every class. */
public final class SearchScorer implements ClassScorer {
    private final ConceptMatrixSearch search;
    private final Variant variant;
    private final int kept;

    /**
     * Creates a scorer.
     *
     * @param kept number of concepts that are not dropped
     */
    public SearchScorer(ConceptMatrixSearch search, Variant variant, int kept) {
        this.search = search;
        this.variant = variant;
        this.kept = kept;
    }

    @Override
    public int classes() {
        return search.classes();
    }

    @Override
    public double nec() {
        return kept;
    }

    /** The search under it. */
    public ConceptMatrixSearch search() {
        return search;
    }

    /** How it searches. */
    public Variant variant() {
        return variant;
    }

    @Override
    public double[][] logits(EmbeddingMatrix items, int @Nullable [] rows) {
        for (int i = 0; i < (rows == null ? items.rows() : rows.length); i++) {
            UnitVector.requireFinite(items.row(rows == null ? i : rows[i]));
        }
        SearchResult result = search.classify(items, rows, variant);
        double[][] z = new double[result.items()][classes()];
        for (int i = 0; i < z.length; i++) {
            for (int k = 0; k < z[i].length; k++) {
                z[i][k] = result.score(i, k);
            }
        }
        return ClassScorer.requireNumbers(z);
    }

    @Override
    @SuppressWarnings("EnumOrdinal") // as stored: constants are only ever added at the end
    public List<TensorView> tensors(String prefix, float[][] shared) {
        List<TensorView> tensors = new ArrayList<>();
        for (TensorView view : search.tensors()) {
            tensors.add(new TensorView(prefix + "search." + view.name(), view.dtype(), view.shape(), view.data()));
        }
        long[] how = {variant.normalisation().ordinal(), variant.rule().ordinal(), kept};
        tensors.add(TensorView.of(prefix + "variant", how, how.length));
        return tensors;
    }

    @SuppressWarnings("EnumOrdinal") // the stored numbers are ordinals
    static SearchScorer restore(Map<String, TensorView> tensors, String prefix, int width) {
        long[] how = StoredTensors.require(tensors, prefix + "variant", 1).toLongs();
        if (how.length != 3
                || how[0] < 0
                || how[0] >= Normalisation.values().length
                || how[1] < 0
                || how[1] >= Rule.values().length
                || how[2] < 0
                || how[2] > Integer.MAX_VALUE) {
            throw new InputException(
                    "tensor " + prefix + "variant must name a variant of the search; got " + Arrays.toString(how));
        }
        Map<String, TensorView> own = new LinkedHashMap<>();
        String start = prefix + "search.";
        tensors.forEach((name, view) -> {
            if (name.startsWith(start)) {
                own.put(name.substring(start.length()), view);
            }
        });
        var search = ConceptMatrixSearch.restore(own);
        if (search.width() != width) {
            throw new InputException("tensors " + start + "* must have the width of the embeddings, " + width + "; got "
                    + search.width());
        }
        var variant = new Variant(Normalisation.values()[(int) how[0]], Rule.values()[(int) how[1]]);
        return new SearchScorer(search, variant, Math.toIntExact(how[2]));
    }
}
