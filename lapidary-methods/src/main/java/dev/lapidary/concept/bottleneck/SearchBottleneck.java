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

/** Concept Matrix Search: trains nothing. */
public final class SearchBottleneck implements BottleneckMethod {
    private static final Variant PUBLISHED = new Variant(Normalisation.ROW, Rule.COSINE);
    private static final Variant PLAIN = new Variant(Normalisation.NONE, Rule.COSINE);

    @Override
    public String id() {
        return "search";
    }

    @Override
    public String summary() {
        return "Concept Matrix Search, which trains nothing";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public boolean needsClassNames() {
        return true;
    }

    @Override
    public boolean balances() {
        return false;
    }

    /** Takes column means from the training part; where no concept reaches the floor, nothing is divided. */
    @Override
    public Fit fit(BottleneckProblem problem) {
        int[] rows = problem.validation().rows();
        ConceptMatrixSearch search = search(problem);
        Variant variant = problem.faithful() ? PUBLISHED : Variant.DEFAULT;
        SearchResult validation;
        try {
            validation = search.classify(problem.items(), rows, variant);
        } catch (InputException noneReachesTheFloor) {
            variant = PLAIN;
            validation = search.classify(problem.items(), rows, variant);
        }
        int dropped = validation.droppedConcepts().length;
        var scorer = new SearchScorer(search, variant, search.concepts() - dropped);
        double accuracy = Evaluation.of(
                        problem.validation().labels(), validation.predictions(), problem.classes())
                .accuracy();
        return Fit.of(scorer, accuracy, dropped);
    }

    private static ConceptMatrixSearch search(BottleneckProblem problem) {
        try (EmbeddingMatrix concepts = EmbeddingMatrix.of(problem.vectors());
                EmbeddingMatrix classes = EmbeddingMatrix.of(problem.classVectors())) {
            double floor = problem.faithful() ? ConceptMatrixSearch.UNGUARDED : ConceptMatrixSearch.DEFAULT_FLOOR;
            return ConceptMatrixSearch.fit(
                    concepts, classes, problem.items(), problem.training().rows(), floor);
        }
    }
}
