package dev.lapidary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.nn.Recurrent.Cell;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers against their formulas, written out in Java or by PyTorch's own layer. */
class LayerValuesTest {
    private static double[] numbers(long seed, int count) {
        return new SplittableRandom(seed).doubles(count, -1, 1).toArray();
    }

    private static double[] apply(Layer layer, Parameters parameters, Tensor x) {
        return Tensors.toDoubles(layer.apply(Forward.evaluating(parameters), x));
    }

    @Test
    void normsFollowTheirFormulas() {
        double[] x = numbers(1, 4);
        double mean = Arrays.stream(x).average().orElseThrow();
        double square = Arrays.stream(x).map(v -> v * v).average().orElseThrow();
        try (Parameters layer = Parameters.draw(new LayerNorm("n", 4).parameters(), 1, DType.F64);
                Parameters rms = Parameters.draw(new RmsNorm("n", 4).parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            double[] normed = apply(new LayerNorm("n", 4), layer, Tensors.of(x, 1, 4));
            double[] scaled = apply(new RmsNorm("n", 4), rms, Tensors.of(x, 1, 4));
            for (int i = 0; i < 4; i++) {
                double deviation = Math.sqrt(square - mean * mean + 1e-5);
                assertThat(normed[i]).isCloseTo((x[i] - mean) / deviation, within(1e-12));
                assertThat(scaled[i]).isCloseTo(x[i] / Math.sqrt(square + 1e-6), within(1e-12));
            }
        }
    }

    @Test
    void anMlpIsItsLayersWithTheActivationBetween() {
        Mlp mlp = Mlp.of("m", List.of(2, 3, 1), Activation.RELU);
        try (Parameters parameters = Parameters.draw(mlp.parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            double[] w0 = Tensors.toDoubles(parameters.get("m.0.weight"));
            double[] b0 = Tensors.toDoubles(parameters.get("m.0.bias"));
            double[] w1 = Tensors.toDoubles(parameters.get("m.1.weight"));
            double y = Tensors.toDoubles(parameters.get("m.1.bias"))[0];
            for (int h = 0; h < 3; h++) {
                y += w1[h] * Math.max(0, 0.7 * w0[2 * h] - 0.2 * w0[2 * h + 1] + b0[h]);
            }
            assertThat(apply(mlp, parameters, Tensors.of(new double[] {0.7, -0.2}, 1, 2))[0])
                    .isCloseTo(y, within(1e-12));
        }
    }

    @Test
    void attentionMixesValuesByTheSoftmaxOfProducts() {
        Attention attention = new Attention("a", 4, 2, true);
        try (Parameters parameters = Parameters.draw(attention.parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            Tensor x = Tensors.of(numbers(2, 12), 1, 3, 4);
            Forward forward = Forward.evaluating(parameters);
            double[] q = apply(Linear.of("a.query", 4, 4), parameters, x);
            double[] k = apply(Linear.of("a.key", 4, 4), parameters, x);
            double[] v = apply(Linear.of("a.value", 4, 4), parameters, x);
            double[] mixed = new double[12];
            double[] probabilities =
                    Tensors.toDoubles(attention.attend(forward, x, x).probabilities());
            for (int head = 0; head < 2; head++) {
                for (int query = 0; query < 3; query++) {
                    double[] shares = new double[3];
                    for (int key = 0; key <= query; key++) {
                        double product = q[4 * query + 2 * head] * k[4 * key + 2 * head]
                                + q[4 * query + 2 * head + 1] * k[4 * key + 2 * head + 1];
                        shares[key] = Math.exp(product / Math.sqrt(2));
                    }
                    double sum = Arrays.stream(shares).sum();
                    for (int key = 0; key < 3; key++) {
                        assertThat(probabilities[(head * 3 + query) * 3 + key])
                                .isCloseTo(shares[key] / sum, within(1e-12));
                        mixed[4 * query + 2 * head] += shares[key] / sum * v[4 * key + 2 * head];
                        mixed[4 * query + 2 * head + 1] += shares[key] / sum * v[4 * key + 2 * head + 1];
                    }
                }
            }
            double[] expected = apply(Linear.of("a.output", 4, 4), parameters, Tensors.of(mixed, 1, 3, 4));
            assertThat(apply(attention, parameters, x)).containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void aBlockAddsItsTwoBranches() {
        TransformerBlock block = TransformerBlock.of("t", 4, 2, false);
        try (Parameters parameters = Parameters.draw(block.parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            Forward forward = Forward.evaluating(parameters);
            Tensor x = Tensors.of(numbers(2, 12), 1, 3, 4);
            Tensor first = x.add(block.attention().apply(forward, new LayerNorm("t.norm1", 4).apply(forward, x)));
            Tensor second = Mlp.of("t.mlp", List.of(4, 16, 4), Activation.GELU)
                    .apply(forward, new LayerNorm("t.norm2", 4).apply(forward, first));
            assertThat(apply(block, parameters, x))
                    .containsExactly(Tensors.toDoubles(first.add(second)), within(1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource
    void recurrentLayersAreThoseOfPytorchAndGoOnWhereTheyStopped(Cell cell) {
        Recurrent layer = new Recurrent("r", cell, 3, 2);
        try (Parameters parameters = Parameters.draw(layer.parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            Forward forward = Forward.evaluating(parameters);
            Tensor x = Tensors.of(numbers(2, 2 * 5 * 3), 2, 5, 3);
            double[] found = apply(layer, parameters, x);
            assertThat(found).containsExactly(Tensors.toDoubles(pytorch(cell, parameters, x)), within(1e-12));

            Recurrent.Steps begun = layer.steps(forward, x.narrow(1, 0, 2), null);
            Recurrent.Steps rest = layer.steps(forward, x.narrow(1, 2, 3), begun.last());
            Tensor joined = torch.cat(new TensorVector(begun.outputs(), rest.outputs()), 1);
            assertThat(Tensors.toDoubles(joined)).containsExactly(found, within(1e-12));
        }
    }

    private static Tensor pytorch(Cell cell, Parameters parameters, Tensor x) {
        TensorVector weights = new TensorVector(parameters.values().toArray(Tensor[]::new));
        Tensor zeros = torch.zeros(1, 2, 2).to(x.scalar_type());
        return switch (cell) {
            case TANH ->
                torch.rnn_tanh(x, zeros, weights, true, 1, 0, false, false, true)
                        .get0();
            case GRU ->
                torch.gru(x, zeros, weights, true, 1, 0, false, false, true).get0();
            case LSTM ->
                torch.lstm(x, new TensorVector(zeros, zeros), weights, true, 1, 0, false, false, true)
                        .get0();
        };
    }

    @Test
    void dropoutKeepsItsShareAndTheMeanAndRepeats() {
        try (Parameters none = Parameters.draw(List.of(), 1);
                var scope = TorchScope.open()) {
            int n = 40_000;
            float[] ones = new float[n];
            Arrays.fill(ones, 1);
            Tensor x = Tensors.of(ones);
            float[] dropped = Tensors.toFloats(Forward.training(none, 1, 5).dropout("d", 0.3, x));
            double zeros = 0;
            for (float value : dropped) {
                assertThat(value == 0 || value == 1 / 0.7f).isTrue();
                zeros += value == 0 ? 1 : 0;
            }
            assertThat(zeros / n).isCloseTo(0.3, within(4 * Math.sqrt(0.3 * 0.7 / n)));
            assertThat(Tensors.toFloats(Forward.training(none, 1, 5).dropout("d", 0.3, x)))
                    .isEqualTo(dropped);
            assertThat(Tensors.toFloats(Forward.training(none, 1, 6).dropout("d", 0.3, x)))
                    .isNotEqualTo(dropped);
            assertThat(Tensors.toFloats(Forward.training(none, 1, 5).dropout("e", 0.3, x)))
                    .isNotEqualTo(dropped);
            assertThat(Tensors.toFloats(Forward.evaluating(none).dropout("d", 0.3, x)))
                    .isEqualTo(ones);
        }
    }

    @Test
    void anotherTensorCanStandInAParametersPlace() {
        Linear layer = Linear.of("l", 2, 1).withoutBias();
        try (Parameters parameters = Parameters.draw(layer.parameters(), 1, DType.F64);
                var scope = TorchScope.open()) {
            Tensor mask = Tensors.of(new double[] {1, 0}, 1, 2);
            Forward masked = Forward.evaluating(parameters)
                    .with(layer.weight(), parameters.get(layer.weight()).mul(mask));
            Tensor x = Tensors.of(new double[] {2, 3}, 1, 2);
            double weight = Tensors.toDoubles(parameters.get(layer.weight()))[0];
            assertThat(Tensors.toDoubles(layer.apply(masked, x))).containsExactly(2 * weight);
            layer.apply(masked, x).sum().backward();
            assertThat(Tensors.toDoubles(parameters.get(layer.weight()).grad())).containsExactly(2, 0);
            assertThatThrownBy(() -> masked.with(layer.weight(), x.t())).hasMessageContaining("[1, 2]; got [2, 1]");
        }
    }

    @Test
    void aSmallNetLearnsExclusiveOrInTheSameBytesOnEveryNumberOfThreads() {
        int threads = Torch.threads();
        try {
            float[] one = trained(1);
            assertThat(trained(3)).isEqualTo(one);
            for (int i = 0; i < 4; i++) {
                assertThat(one[i]).isCloseTo(i == 1 || i == 2 ? 1 : -1, within(0.1f));
            }
        } finally {
            Torch.setThreads(threads);
        }
    }

    private static float[] trained(int threads) {
        Torch.setThreads(threads);
        Mlp net = Mlp.of("xor", List.of(2, 8, 1), Activation.TANH);
        try (Parameters parameters = Parameters.draw(net.parameters(), 2);
                AdamW adam = new AdamW(parameters.values(), AdamSettings.defaults());
                var microbatches = new Microbatches<>(parameters, 4)) {
            for (long step = 0; step < 200; step++) {
                microbatches.run(4, (worker, index) -> {
                    try (var scope = TorchScope.open()) {
                        Tensor loss = net.apply(Forward.evaluating(worker), corner(index))
                                .sub(new Scalar(index == 1 || index == 2 ? 1.0 : -1.0))
                                .square()
                                .sum();
                        loss.backward();
                        return loss.item_double();
                    }
                });
                adam.step(step + 1, 0.03, microbatches.crew());
            }
            float[] outputs = new float[4];
            try (var scope = TorchScope.open()) {
                for (int i = 0; i < 4; i++) {
                    outputs[i] = Tensors.toFloats(net.apply(Forward.evaluating(parameters), corner(i)))[0];
                }
            }
            return outputs;
        }
    }

    private static Tensor corner(int index) {
        return Tensors.of(new float[] {index >> 1, index & 1}, 1, 2);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Linear layer = Linear.of("l", 3, 2);
        try (Parameters parameters = Parameters.draw(layer.parameters(), 1);
                var scope = TorchScope.open()) {
            Tensor x = Tensors.of(new float[4], 1, 4);
            Forward forward = Forward.evaluating(parameters);
            assertThatThrownBy(() -> layer.apply(forward, x))
                    .hasMessageContaining("l's input must be 3; got shape [1, 4]");
            assertThatThrownBy(() -> Linear.of("k", 4, 1).apply(forward, x))
                    .hasMessageContaining("must be a parameter k.weight; got [l.weight, l.bias]");
            assertThatThrownBy(() -> forward.dropout("d", 1, x)).hasMessageContaining("got 1.0");
            Tensor long5 = Tensors.of(new float[15], 1, 5, 3);
            assertThatThrownBy(() -> new Positions("p", 4, 3).apply(forward, long5))
                    .hasMessageContaining("got 5");
        }
        assertThatThrownBy(() -> new Attention("a", 4, 3, false)).hasMessageContaining("got 4 and 3");
        assertThatThrownBy(() -> Mlp.of("m", List.of(3), Activation.RELU)).hasMessageContaining("got [3]");
        assertThatThrownBy(() -> Parameter.of("w", Initialiser.constant(0), 2, 0))
                .hasMessageContaining("got [2, 0]");
        assertThatThrownBy(() -> Parameters.draw(Sequential.of(layer, layer).parameters(), 1))
                .hasMessageContaining("l.weight twice");
        assertThatThrownBy(() -> Parameters.draw(layer.parameters(), 1, DType.BF16))
                .hasMessageContaining("got BF16");
    }
}
