package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.nn.Parameters;
import dev.lapidary.runtime.InputException;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrobatchesTest {
    private static final int MOST = 7;

    private final int threads = Torch.threads();
    private final Parameters model = Parameters.of(Map.of("w", Tensors.of(new float[] {0.5f, -2, 3})));

    MicrobatchesTest() {
        model.get("w").set_requires_grad(true);
    }

    @AfterEach
    void close() {
        model.close();
        Torch.setThreads(threads);
    }

    /** The loss of microbatch i is a_i·Σw, whose gradient is a_i; numbers whose sum depends on the order. */
    private static final float[] FACTORS = {1e8f, 1, -1e8f, 0.3f, 7e7f, 0.1f, -7e7f};

    private static double pass(Parameters worker, int index) {
        try (var scope = TorchScope.open()) {
            Tensor loss = worker.get("w").sum().mul(new Scalar(FACTORS[index]));
            loss.backward();
            return loss.item_double();
        }
    }

    private float[] gradient() {
        try (var scope = TorchScope.open()) {
            return Tensors.toFloats(model.get("w").grad());
        }
    }

    @Test
    void gradientsAndLossesAreAddedInTheirOrderOnEveryNumberOfThreads() {
        float sum = 0;
        double losses = 0;
        for (float factor : FACTORS) {
            sum += factor;
            losses += 1.5f * factor;
        }
        for (int n : new int[] {1, 2, 3, 8}) {
            Torch.setThreads(n);
            try (var microbatches = new Microbatches<>(model, MOST)) {
                for (int repetition = 0; repetition < 20; repetition++) {
                    assertThat(microbatches.run(MOST, MicrobatchesTest::pass)).isEqualTo(losses);
                    assertThat(gradient()).containsExactly(sum, sum, sum);
                    model.get("w").mutable_grad().reset();
                }
            }
        }
    }

    @Test
    void gradientsJoinThoseThatAreThere() {
        try (var microbatches = new Microbatches<>(model, 3)) {
            microbatches.run(1, MicrobatchesTest::pass);
            microbatches.run(3, (worker, index) -> pass(worker, 1));
            assertThat(gradient()).containsExactly(1e8f + 1 + 1 + 1, 1e8f + 1 + 1 + 1, 1e8f + 1 + 1 + 1);
        }
    }

    @Test
    void measuresAreAddedInTheirOrderAndTakeNoGradient() {
        double expected = 0;
        for (float factor : FACTORS) {
            expected += 1.5f * factor;
        }
        Torch.setThreads(3);
        try (var microbatches = new Microbatches<>(model, 2)) {
            double found = microbatches.measure(MOST, i -> {
                Tensor loss = model.get("w").sum().mul(new Scalar(FACTORS[i]));
                assertThat(loss.requires_grad()).isFalse();
                return loss.item_double();
            });
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void theFirstFailureComesOutAndTheNextStepWorks() {
        Torch.setThreads(2);
        try (var microbatches = new Microbatches<>(model, 4)) {
            for (int failing = 0; failing < 4; failing++) {
                int bad = failing;
                assertThatThrownBy(() -> microbatches.run(4, (worker, index) -> {
                            if (index >= bad) {
                                throw new InputException("a microbatch must work; got " + index);
                            }
                            return 1;
                        }))
                        .isInstanceOf(InputException.class)
                        .hasMessageEndingWith("got " + bad);
            }
            assertThat(microbatches.run(3, (worker, index) -> index)).isEqualTo(3);
            assertThatThrownBy(() -> microbatches.run(5, (worker, index) -> 0)).hasMessageContaining("1 to 4; got 5");
        }
    }

    @Test
    void stepsLeaveNoNativeMemory() {
        Torch.setThreads(2);
        try (var microbatches = new Microbatches<>(model, 4)) {
            microbatches.run(4, MicrobatchesTest::pass);
            long bytes = Pointer.totalBytes();
            long count = Pointer.totalCount();
            for (int step = 0; step < 50; step++) {
                microbatches.run(4, MicrobatchesTest::pass);
            }
            assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes);
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(count);
        }
    }

    @Test
    void onlyModelsOfManyWeightsTakeMicrobatchesOneAfterTheOther() {
        Torch.setThreads(2);
        assertThat(Microbatches.copies(5_000_000, 1)).isZero();
        assertThat(Microbatches.copies(5_000_000, 2)).isEqualTo(1);
        assertThat(Microbatches.copies(5_000_000, 9)).isEqualTo(2);
        assertThat(Microbatches.underWay(5_000_000, 9)).isEqualTo(2);
        assertThat(Microbatches.copies(99_000_000, 9)).isZero();
        assertThat(Microbatches.underWay(99_000_000, 9)).isEqualTo(1);
    }
}
