package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import dev.lapidary.encode.ZeroShot;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchComparisonTest {
    @TempDir
    private Path folder;

    /** Lengths do not count: (0, 9) is farther from (1, 0.1) than (0.1, 0); of equals the first wins. */
    @Test
    void theNearestNameIsThatOfTheLargestCosine() {
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1, 0.1f}, {-1, 5}, {1, 1}});
                EmbeddingMatrix names = EmbeddingMatrix.of(new float[][] {{0, 9}, {0.1f, 0}})) {
            assertThat(ZeroShot.nearest(items, new int[] {0, 1, 2}, names)).containsExactly(1, 0, 0);
            assertThat(ZeroShot.nearest(items, new int[] {1}, names)).containsExactly(0);
        }
    }

    @Test
    void judgesEveryVariantOnTheItemsThatAreNotForTraining() throws IOException {
        ToyWorld world = ToyWorld.draw(0.45, 20, 20, 20, 20);
        try (Dataset data = world.data();
                EmbeddingMatrix items = world.matrix(world.texts());
                EmbeddingMatrix vectors = world.matrix(ToyWorld.CONCEPTS);
                EmbeddingMatrix names = world.matrix(data.classes())) {
            ConceptSet concepts = ConceptSet.read(ToyWorld.conceptFile(folder), new ConceptLedger());
            SearchComparison comparison =
                    SearchComparison.of(data, items).concepts(concepts, vectors).classNames(names).seed(3);

            SearchComparison.Result result = comparison.run();

            Split split = comparison.split();
            int[] judged = IntStream.concat(Arrays.stream(split.validation()), Arrays.stream(split.test()))
                    .sorted()
                    .toArray();
            int[] labels = Arrays.stream(judged).map(data::label).toArray();
            assertThat(result.examples()).isEqualTo(judged.length).isEqualTo(80 - split.train().length);
            assertThat(result.concepts()).isEqualTo(12);
            assertThat(result.variants())
                    .extracting(SearchComparison.Found::variant)
                    .containsExactlyElementsOf(Variant.all().stream().map(Variant::id).toList());
            var search = ConceptMatrixSearch.fit(
                    vectors, names, items, split.train(), ConceptMatrixSearch.DEFAULT_FLOOR);
            for (int v = 0; v < Variant.all().size(); v++) {
                SearchResult found = search.classify(items, judged, Variant.all().get(v));
                assertThat(result.variants().get(v).accuracy())
                        .isEqualTo(Evaluation.of(labels, found.predictions(), 4).accuracy());
            }
            assertThat(result.zeroShot().accuracy())
                    .isEqualTo(Evaluation.of(labels, ZeroShot.nearest(items, judged, names), 4)
                            .accuracy())
                    .isGreaterThan(0.5); // chance: 0.25
        }
    }

    @Test
    void aFloorMustBeANumber() {
        try (Dataset data = ToyWorld.draw(0.45, 5, 5, 5, 5).data();
                EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1}})) {
            SearchComparison comparison = SearchComparison.of(data, items).variants(List.of(Variant.DEFAULT));
            assertThatThrownBy(() -> comparison.floor(Double.NaN))
                    .isInstanceOf(InputException.class)
                    .hasMessage("floor must be a number; got NaN");
        }
    }
}
