package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.junit.jupiter.api.Test;

class NormalNoiseTest {
    private static final CounterNoise NOISE = new CounterNoise(3, 4);

    private static float[] normal(long step, long... shape) {
        try (var scope = TorchScope.open()) {
            return Tensors.toFloats(Noise.normal(NOISE, step, shape));
        }
    }

    @Test
    void pairsFollowTheFormula() {
        float[] values = normal(7, 3, 3); // an odd number
        for (int i = 0; i < 9; i++) {
            double u = NOISE.uniformAt(7, i - i % 2);
            double v = NOISE.uniformAt(7, i - i % 2 + 1);
            double angle = 2 * Math.PI * v;
            double expected = Math.sqrt(-2 * Math.log(u)) * (i % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
            assertThat((double) values[i]).isCloseTo(expected, within(1e-6));
        }
        assertThat(normal(7)).containsExactly(values[0]);
        assertThat(normal(7, 0)).isEmpty();
    }

    @Test
    void momentsAreThoseOfTheStandardNormal() {
        int n = 200_000;
        float[] values = normal(0, n);
        double[] moments = new double[5];
        double neighbours = 0;
        for (int i = 0; i < n; i++) {
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(values[i], k) / n;
            }
            neighbours += i > 0 ? values[i] * (double) values[i - 1] / n : 0;
        }
        double root = Math.sqrt(n);
        assertThat(moments[1]).isCloseTo(0, within(4 / root));
        assertThat(moments[2]).isCloseTo(1, within(4 * Math.sqrt(2) / root));
        assertThat(moments[3]).isCloseTo(0, within(4 * Math.sqrt(15) / root));
        assertThat(moments[4]).isCloseTo(3, within(4 * Math.sqrt(96) / root));
        assertThat(neighbours).isCloseTo(0, within(4 / root));
    }
}
