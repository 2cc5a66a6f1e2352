package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.SearchScorer;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.util.List;

/** Sets a Concept Matrix Search up for a seed's data. */
final class SearchFit {
    private static final Variant PUBLISHED = new Variant(Normalisation.ROW, Rule.COSINE);
    private static final Variant PLAIN = new Variant(Normalisation.NONE, Rule.COSINE);

    private SearchFit() {}

    /** Takes column means from the training part; where no concept reaches the floor, nothing is divided. */
    static Fit of(SeedData data, float[][] vectors, float[][] classVectors, boolean faithful) {
        ConceptMatrixSearch search;
        try (EmbeddingMatrix concepts = EmbeddingMatrix.of(vectors);
                EmbeddingMatrix classes = EmbeddingMatrix.of(classVectors)) {
            double floor = faithful ? ConceptMatrixSearch.UNGUARDED : ConceptMatrixSearch.DEFAULT_FLOOR;
            search = ConceptMatrixSearch.fit(
                    concepts, classes, data.items(), data.train().rows(), floor);
        }
        Variant variant = faithful ? PUBLISHED : Variant.DEFAULT;
        SearchResult validation;
        try {
            validation = search.classify(data.items(), data.validation().rows(), variant);
        } catch (InputException noneReachesTheFloor) {
            variant = PLAIN;
            validation = search.classify(data.items(), data.validation().rows(), variant);
        }
        int dropped = validation.droppedConcepts().length;
        var scorer = new SearchScorer(search, variant, search.concepts() - dropped);
        double accuracy = Evaluation.of(data.validation().labels(), validation.predictions(), data.classes())
                .accuracy();
        return new Fit(scorer, List.of(), List.of(), accuracy, dropped);
    }
}
