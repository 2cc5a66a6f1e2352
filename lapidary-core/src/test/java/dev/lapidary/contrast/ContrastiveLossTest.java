package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Against the formula, calculated one by one: losses and logits are below 4, and some ten operations lie behind each other. */
class ContrastiveLossTest {
    private static final double[][] LOGITS = {{2, -1, 0.5, 0}, {0.3, 1.2, -0.7, 0.4}, {-2, 0.1, 3, 1}};

    @Test
    void isTheLossOfClipWhereEveryImageHasItsOwnCaption() {
        double[][] square = {{2, -1, 0.5}, {0.3, 1.2, -0.7}, {-2, 0.1, 3}};
        boolean[][] own = {{true, false, false}, {false, true, false}, {false, false, true}};
        double expected = 0;
        for (int i = 0; i < 3; i++) {
            double row = 0;
            double column = 0;
            for (int j = 0; j < 3; j++) {
                row += Math.exp(square[i][j]);
                column += Math.exp(square[j][i]);
            }
            expected -= (square[i][i] - Math.log(row) + square[i][i] - Math.log(column)) / 6;
        }
        assertThat(loss(square, own)).isCloseTo(expected, Rounding.widened(16, 4));
    }

    @Test
    void sharesEquallyAmongSeveralCaptionsAndLeavesOutThoseWithoutAnImage() {
        boolean[][] own = {{true, true, false, false}, {true, false, false, false}, {false, true, false, false}};
        double byImage = 0;
        for (int i = 0; i < 3; i++) {
            int count = 0;
            double sum = 0;
            for (int j = 0; j < 4; j++) {
                if (own[i][j]) {
                    count++;
                    sum += LOGITS[i][j] - logSum(LOGITS[i]);
                }
            }
            byImage -= sum / count / 3;
        }
        double byCaption = 0;
        for (int j = 0; j < 2; j++) { // the others have no image
            double[] column = {LOGITS[0][j], LOGITS[1][j], LOGITS[2][j]};
            int count = 0;
            double sum = 0;
            for (int i = 0; i < 3; i++) {
                if (own[i][j]) {
                    count++;
                    sum += column[i] - logSum(column);
                }
            }
            byCaption -= sum / count / 2;
        }
        assertThat(loss(LOGITS, own)).isCloseTo((byImage + byCaption) / 2, Rounding.widened(16, 4));
    }

    private static double logSum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value);
        }
        return Math.log(sum);
    }

    private static double loss(double[][] logits, boolean[][] own) {
        try (var scope = TorchScope.open()) {
            var tensor = Tensors.of(logits).to(ScalarType.Float);
            return new ContrastiveLoss(own).of(tensor).item_double();
        }
    }
}
