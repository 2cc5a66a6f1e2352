package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JointTrainingTest {
    private static GoldenRows rows;

    @BeforeAll
    static void open() {
        rows = new GoldenRows();
    }

    @AfterAll
    static void close() {
        rows.close();
    }

    /** |D| = 3, 1, 0, 4 with mean 2: raw weights 1/1.6, 1/0.6, 1/0.1, 1/2.1, then mean 1. */
    @Test
    void penaltyWeightsAreInverseToInfluence() {
        double[] weights = JointTraining.penaltyWeights(new NamedMap(new double[][] {{-3, 1}, {0, 4}}, new double[2]));
        double[] raw = {1 / 1.6, 1 / 0.6, 1 / 0.1, 1 / 2.1};
        double mean = (raw[0] + raw[1] + raw[2] + raw[3]) / 4;
        for (int e = 0; e < 4; e++) {
            assertThat(weights[e]).isEqualTo(raw[e] / mean, within(1e-12));
        }
        assertThat(JointTraining.penaltyWeights(NamedMap.zero(2, 3))).containsOnly(1.0);
    }

    static List<BottleneckLoss> losses() {
        return List.of(
                new BottleneckLoss.Gumbel(1),
                new BottleneckLoss.L1(1e-3 * GoldenRows.CONCEPTS),
                new BottleneckLoss.Contrastive(),
                new BottleneckLoss.Similarity(false),
                new BottleneckLoss.Similarity(true));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void theProductOfHeadAndLayerClassifies(BottleneckLoss loss) {
        var method = new JointTraining.Joint("any", loss);
        NamedMap map = JointTraining.sound(method, rows.train, 1, Progress.silent(), new Cancellation());
        assertThat(accuracy(map)).isGreaterThan(0.35); // chance: 0.17
        NamedMap again = JointTraining.sound(method, rows.train, 1, Progress.silent(), new Cancellation());
        assertThat(again.weights()).isDeepEqualTo(map.weights());
    }

    private static double accuracy(NamedMap map) {
        double[] parameters = new double[GoldenRows.CLASSES * (GoldenRows.CONCEPTS + 1)];
        for (int k = 0; k < GoldenRows.CLASSES; k++) {
            System.arraycopy(map.weights()[k], 0, parameters, k * 25, 24);
            parameters[k * 25 + 24] = map.bias(k);
        }
        return rows.test.judge(parameters).accuracy();
    }

    @Test
    void stopsOnRequest() {
        Cancellation stop = new Cancellation();
        stop.cancel();
        var method = new JointTraining.Joint("any", new BottleneckLoss.Gumbel(1));
        assertThatThrownBy(() -> JointTraining.sound(method, rows.train, 1, Progress.silent(), stop))
                .isInstanceOf(CancellationException.class);
    }
}
