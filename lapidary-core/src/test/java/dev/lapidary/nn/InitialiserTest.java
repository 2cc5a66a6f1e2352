package dev.lapidary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deviations and bounds of first values, with tolerances of four standard errors. */
class InitialiserTest {
    private static final int OUT = 100;
    private static final int IN = 50;

    private static double[] draw(Initialiser initialiser, long... shape) {
        try (var scope = TorchScope.open()) {
            return Tensors.toDoubles(initialiser.draw(new CounterNoise(1, 2), shape));
        }
    }

    private static void requireDeviation(double[] values, double deviation, double kurtosis) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
        double error = Math.sqrt((kurtosis - 1) / values.length); // of the mean square, in units of it
        assertThat(mean).isCloseTo(0, within(4 * deviation / Math.sqrt(values.length)));
        assertThat(square / (deviation * deviation)).isCloseTo(1, within(4 * error));
    }

    @Test
    void normalDrawsHaveTheStatedDeviation() {
        requireDeviation(draw(Initialiser.normal(0.3), OUT, IN), 0.3, 3);
        requireDeviation(draw(Initialiser.kaimingNormal(Math.sqrt(2)), OUT, IN), Math.sqrt(2.0 / IN), 3);
        requireDeviation(draw(Initialiser.kaimingNormal(1), OUT, 5, 10), Math.sqrt(1.0 / IN), 3);
        requireDeviation(draw(Initialiser.xavierNormal(), OUT, IN), Math.sqrt(2.0 / (IN + OUT)), 3);
        requireDeviation(draw(Initialiser.xavierNormal(), OUT, 5, 10), Math.sqrt(2.0 / (IN + 10 * OUT)), 3);
    }

    @Test
    void uniformDrawsFillTheirBounds() {
        requireUniform(draw(Initialiser.uniform(0.3), OUT, IN), 0.3);
        requireUniform(draw(Initialiser.kaimingUniform(1 / Math.sqrt(3)), OUT, IN), 1 / Math.sqrt(IN));
        requireUniform(draw(Initialiser.xavierUniform(), OUT, IN), Math.sqrt(6.0 / (IN + OUT)));
    }

    private static void requireUniform(double[] values, double bound) {
        requireDeviation(values, bound / Math.sqrt(3), 9.0 / 5);
        double most = Arrays.stream(values).map(Math::abs).max().orElseThrow();
        assertThat(most).isBetween(bound * (1 - 10.0 / values.length), bound); // e^-10 that none is nearer
    }

    @Test
    void truncatedDrawsStayWithinTwoDeviations() {
        double[] values = draw(Initialiser.truncatedNormal(0.5), OUT, IN);
        assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow()).isBetween(0.9, 1.0);
        double density = Math.exp(-2) / Math.sqrt(2 * Math.PI); // at two deviations
        double variance = 1 - 4 * density / 0.9544997;
        requireDeviation(values, 0.5 * Math.sqrt(variance), 2.4);
    }

    @ParameterizedTest
    @CsvSource({"7, 12", "12, 7", "9, 9"})
    void orthogonalDrawsAreOrthonormalTimesTheGain(int out, int in) {
        double[] w = draw(Initialiser.orthogonal(2), out, in);
        boolean wide = out <= in;
        int rank = Math.min(out, in);
        for (int a = 0; a < rank; a++) {
            for (int b = 0; b <= a; b++) {
                double product = 0;
                for (int i = 0; i < Math.max(out, in); i++) {
                    product += wide ? w[a * in + i] * w[b * in + i] : w[i * in + a] * w[i * in + b];
                }
                assertThat(product).isCloseTo(a == b ? 4 : 0, within(1e-5)); // rounded to float32
            }
        }
    }

    @Test
    void orthogonalDrawsAreEven() {
        double first = 0;
        int draws = 400;
        for (int i = 0; i < draws; i++) {
            try (var scope = TorchScope.open()) {
                first += Tensors.toDoubles(Initialiser.orthogonal(1).draw(new CounterNoise(i, 2), 3, 3))[0];
            }
        }
        assertThat(first / draws).isCloseTo(0, within(4 * Math.sqrt(1.0 / 3 / draws))); // a fixed sign would give 0.5
    }

    @Test
    void aFanNeedsAMatrix() {
        assertThatThrownBy(() -> draw(Initialiser.xavierNormal(), 4)).hasMessageContaining("got [4]");
    }
}
