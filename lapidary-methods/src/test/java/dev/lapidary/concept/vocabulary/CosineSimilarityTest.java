package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CosineSimilarityTest {
    private static float[][] random(int rows, int width, long seed) {
        Random random = new Random(seed);
        float[][] values = new float[rows][width];
        for (float[] row : values) {
            for (int j = 0; j < width; j++) {
                row[j] = (float) random.nextGaussian() * 3;
            }
        }
        return values;
    }

    private static List<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,5,2", "2,257,7", "5,511,384", "1,256,3"})
    void equalsTheFormula(int rows, int columns, int width) {
        float[][] all = random(rows + columns, width, 11);
        List<String> names = names("t", rows + columns);
        float[] cosines =
                CosineSimilarity.of(names, all).between(names.subList(0, rows), names.subList(rows, rows + columns));
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                assertThat((double) cosines[i * columns + j])
                        .isCloseTo(ConceptFiltersTest.cosine(all[i], all[rows + j]), within(1e-5));
            }
        }
    }

    @Test
    void isSymmetricBitForBit() {
        float[][] all = random(300, 19, 5);
        List<String> names = names("t", 300);
        float[] cosines = CosineSimilarity.of(names, all).between(names, names);
        for (int i = 0; i < 300; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(cosines[i * 300 + j]).isEqualTo(cosines[j * 300 + i]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,5", "4,5", "5,5", "1025,5", "2100,3"})
    void activationIsTheMeanOfTheLargestCosines(int items, int largest) {
        float[][] concepts = random(3, 6, 1);
        float[][] rows = random(items, 6, 2);
        try (EmbeddingMatrix matrix = EmbeddingMatrix.of(rows)) {
            List<String> names = names("c", 3);
            double[] activations = CosineSimilarity.of(names, concepts).activations(names, matrix, largest);
            for (int m = 0; m < 3; m++) {
                float[] concept = concepts[m];
                double expected = Arrays.stream(rows)
                        .mapToDouble(row -> -ConceptFiltersTest.cosine(concept, row))
                        .sorted()
                        .limit(largest)
                        .average()
                        .orElseThrow();
                assertThat(activations[m]).isCloseTo(-expected, within(1e-5));
            }
        }
    }

    @Test
    void zeroVectorsHaveCosineZero() {
        CosineSimilarity similarity = CosineSimilarity.of(List.of("a", "b"), new float[][] {{0, 0}, {1, 2}});
        assertThat(similarity.between(List.of("a"), List.of("a", "b"))).containsExactly(0, 0);
    }

    @Test
    void refusesUnknownTextsOddWidthsAndNan() {
        CosineSimilarity known = CosineSimilarity.of(List.of("a"), new float[][] {{1, 2}});
        assertThatThrownBy(() -> known.between(List.of("a"), List.of("b")))
                .isInstanceOf(InputException.class)
                .hasMessage("every text must have an embedding; got none for \"b\"");
        try (EmbeddingMatrix wide = EmbeddingMatrix.of(new float[][] {{1, 2, 3}})) {
            assertThatThrownBy(() -> known.activations(List.of("a"), wide, 5))
                    .isInstanceOf(InputException.class)
                    .hasMessage("concepts and items must have embeddings of one width; got 2 and 3");
        }
        CosineSimilarity broken =
                CosineSimilarity.of(new ToyEncoder(Map.of("a", new float[] {Float.NaN, 1})), Progress.silent());
        assertThatThrownBy(() -> broken.between(List.of("a"), List.of("a")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("finite");
    }

    @Test
    void refusesNamesWithoutEmbeddings() {
        assertThatThrownBy(() -> CosineSimilarity.of(List.of("a", "b"), new float[][] {{1}}))
                .hasMessage("names and embeddings must match; got 2 and 1");
    }
}
