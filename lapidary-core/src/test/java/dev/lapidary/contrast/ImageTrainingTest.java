package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.runtime.InputException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageTrainingTest {
    private static final ImageTraining TRAINING = ImageTraining.defaults();

    @Test
    void everyImageIsEitherTrainedOnOrHeldOutAndTheSeedSaysWhich() {
        Parts parts = TRAINING.parts(1000);

        assertThat(parts.heldOut()).hasSize(100);
        assertThat(IntStream.concat(IntStream.of(parts.training()), IntStream.of(parts.heldOut()))
                        .sorted())
                .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
        assertThat(TRAINING.parts(1000).heldOut()).isEqualTo(parts.heldOut());
        assertThat(TRAINING.withSeed(1).parts(1000).heldOut()).isNotEqualTo(parts.heldOut());
    }

    @Test
    void tooFewImagesToHoldAnyOutAreRefused() {
        assertThatThrownBy(() -> TRAINING.parts(4))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least 64 to train on; got 4 in all");
    }

    @Test
    void theLearningRateRisesForATwentiethOfTheStepsAndFallsToNothing() {
        double top = TRAINING.learningRate();

        assertThat(TRAINING.rate().at(0, 200)).isCloseTo(top / 10, within(1e-12));
        assertThat(TRAINING.rate().at(9, 200)).isEqualTo(top);
        assertThat(TRAINING.rate().at(105, 200)).isCloseTo(top / 2, within(1e-12));
        assertThat(TRAINING.rate().at(200, 200)).isCloseTo(0, within(1e-12));
    }

    @Test
    void aBatchIsCutIntoAtLeastTwoPieces() {
        assertThat(TRAINING.withBatch(128).pieces()).isEqualTo(2);
        assertThat(TRAINING.withBatch(10).pieceSize()).isEqualTo(5);
        assertThat(TRAINING.withBatch(1000).pieceSize()).isEqualTo(64);
    }
}
