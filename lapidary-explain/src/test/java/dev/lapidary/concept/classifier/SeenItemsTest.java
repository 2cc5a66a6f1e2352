package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeenItemsTest {
    private static final int ITEMS = 40;
    private static final ConceptScorer SCORER =
            HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 1}}, new double[2], 2);

    /** Item i lies at i degrees, and is as long as it likes. */
    private static float[] at(double degrees) {
        double angle = Math.toRadians(degrees);
        return new float[] {(float) (3 * Math.cos(angle)), (float) (3 * Math.sin(angle))};
    }

    private static SeenItems seen() {
        float[][] rows = IntStream.range(0, ITEMS).mapToObj(SeenItemsTest::at).toArray(float[][]::new);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
            return SeenItems.of(SCORER, items, IntStream.range(0, ITEMS).toArray());
        }
    }

    private static double cosineDistance(double... degrees) {
        double sum = 0;
        for (double d : degrees) {
            sum += 1 - Math.cos(Math.toRadians(d));
        }
        return sum / degrees.length;
    }

    @Test
    void theDistanceIsTheMeanToTheFiveNearest() {
        Familiarity f = seen().familiarity(at(90));

        assertThat(f.distance()).isEqualTo(cosineDistance(51, 52, 53, 54, 55), within(1e-6));
        assertThat(f.quantile()).isEqualTo(1);
        assertThat(f.far()).isTrue();
    }

    @Test
    void aTrainingItemDoesNotCountAsItsOwnNeighbour() {
        // the two at the ends are farthest out, then the two beside them: of 40 distances the 38th is that of item 1
        Familiarity f = seen().familiarity(at(20.5));

        assertThat(f.limit()).isEqualTo(cosineDistance(1, 1, 2, 3, 4), within(1e-6));
        assertThat(f.distance()).isEqualTo(cosineDistance(0.5, 0.5, 1.5, 1.5, 2.5), within(1e-6));
        assertThat(f.quantile()).isZero();
        assertThat(f.far()).isFalse();
    }

    @Test
    void theRangeIsThatOfTheScores() {
        SeenItems seen = seen();

        assertThat(seen.low(0)).isEqualTo(2 * Math.cos(Math.toRadians(39)), within(1e-6));
        assertThat(seen.high(0)).isEqualTo(2, within(1e-6));
        assertThat(seen.low(1)).isEqualTo(0, within(1e-6));
        assertThat(seen.high(1)).isEqualTo(2 * Math.sin(Math.toRadians(39)), within(1e-6));
    }

    @Test
    void ofManyItemsEvenlySpacedOnesAreKept() {
        float[][] rows = IntStream.range(0, 2500).mapToObj(i -> at(i / 50.0)).toArray(float[][]::new);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
            SeenItems seen =
                    SeenItems.of(SCORER, items, IntStream.range(0, 2500).toArray());
            assertThat(seen.references()).isEqualTo(834); // every third
        }
    }

    @Test
    void restoresWhatItStored() {
        SeenItems seen = seen();
        SeenItems back = SeenItems.restore(stored(seen), SCORER, 2);

        assertThat(back.familiarity(at(60))).isEqualTo(seen.familiarity(at(60)));
        assertThat(back.high(1)).isEqualTo(seen.high(1));
    }

    private static Map<String, TensorView> stored(SeenItems seen) {
        Map<String, TensorView> tensors = new HashMap<>();
        seen.tensors().forEach(view -> tensors.put(view.name(), view));
        return tensors;
    }

    @Test
    void refusesWhatNoTrainingStores() {
        Map<String, TensorView> tensors = stored(seen());
        double[] falling = IntStream.range(0, ITEMS).mapToDouble(i -> -i).toArray();
        tensors.put("distances", TensorView.of("distances", falling, ITEMS));
        assertThatThrownBy(() -> SeenItems.restore(tensors, SCORER, 2))
                .isInstanceOf(InputException.class)
                .hasMessage("tensor distances must ascend; got -1.0 after 0.0");

        Map<String, TensorView> swapped = stored(seen());
        swapped.put("low", TensorView.of("low", new double[] {5, 5}, 2));
        assertThatThrownBy(() -> SeenItems.restore(swapped, SCORER, 2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must not be above");

        Map<String, TensorView> few =
                new HashMap<>(Map.of("references", TensorView.of("references", new float[6], 3, 2)));
        assertThatThrownBy(() -> SeenItems.restore(few, SCORER, 2))
                .isInstanceOf(InputException.class)
                .hasMessage("tensor references must have at least 20 rows; got 3");
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1, 0}})) {
            assertThatThrownBy(() -> SeenItems.of(SCORER, items, new int[] {0}))
                    .isInstanceOf(InputException.class)
                    .hasMessage("training items to remember must be at least 20; got 1");
        }
        assertThatThrownBy(() -> seen().familiarity(new float[3]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 3");
    }
}
