package dev.lapidary.nn;

import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer: inputs [batch, length, in] to hidden states [batch, length, width] of every step.
 *
 * <p>Parameters, as PyTorch names and orders them: {@code weight_ih} [gates·width, in], {@code weight_hh} [gates·width, width], and the
 * biases {@code bias_ih} and {@code bias_hh} [gates·width]; all begin uniform within 1/√width.
 *
 * <p>Written out in matrix products: PyTorch's own layer takes other code for float32 than for float64 and has no second derivative.
 */
public record Recurrent(String name, Cell cell, int in, int width) implements Layer {
    /** What happens in one step, with σ the logistic function and h the hidden state. */
    public enum Cell {
        /** h' = tanh(W x + U h). */
        TANH(1),
        /**
         * r, z = σ(W x + U h), n = tanh(W x + r⊙(U h)), h' = (1 − z)⊙n + z⊙h.
         *
         * @see <a href="https://arxiv.org/abs/1406.1078">Cho et al., EMNLP 2014</a>
         */
        GRU(3),
        /**
         * i, f, o = σ(W x + U h), g = tanh(W x + U h), c' = f⊙c + i⊙g, h' = o⊙tanh c'.
         *
         * @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter and Schmidhuber, Neural Computation 1997</a>
         */
        LSTM(4);

        private final int gates;

        Cell(int gates) {
            this.gates = gates;
        }
    }

    /**
     * What is carried from one step to the next.
     *
     * @param hidden [batch, width]
     * @param memory [batch, width] of an LSTM, null of others
     */
    public record State(Tensor hidden, @Nullable Tensor memory) {}

    /**
     * The hidden states of all steps and what the next step would need.
     *
     * @param outputs [batch, length, width]
     */
    public record Steps(Tensor outputs, State last) {}

    @Override
    public List<Parameter> parameters() {
        Initialiser start = Initialiser.uniform(1 / Math.sqrt(width));
        int rows = cell.gates * width;
        return List.of(
                Parameter.of(name + ".weight_ih", start, rows, in),
                Parameter.of(name + ".weight_hh", start, rows, width),
                Parameter.of(name + ".bias_ih", start, rows),
                Parameter.of(name + ".bias_hh", start, rows));
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        try (var scope = TorchScope.open()) {
            return scope.keep(steps(forward, x, null).outputs());
        }
    }

    /**
     * Returns all hidden states.
     *
     * @param x [batch, length, in]
     * @param before what earlier steps left; null for zeros
     */
    public Steps steps(Forward forward, Tensor x, @Nullable State before) {
        Linear.requireLast(name, in, x);
        try (var scope = TorchScope.open()) {
            Tensor inputs = linear(forward, "ih", x); // [batch, length, gates·width]
            State state = before == null ? zeros(x) : before;
            List<Tensor> outputs = new ArrayList<>();
            for (long t = 0; t < x.size(1); t++) {
                state = step(inputs.select(1, t), linear(forward, "hh", state.hidden()), state);
                outputs.add(state.hidden());
            }
            Tensor all = torch.stack(new TensorVector(outputs.toArray(Tensor[]::new)), 1);
            Tensor memory = state.memory();
            return new Steps(
                    scope.keep(all), new State(scope.keep(state.hidden()), memory == null ? null : scope.keep(memory)));
        }
    }

    private Tensor linear(Forward forward, String part, Tensor x) {
        TensorOptional bias = new TensorOptional(forward.parameter(name + ".bias_" + part));
        return torch.linear(x, forward.parameter(name + ".weight_" + part), bias);
    }

    private State zeros(Tensor x) {
        Tensor hidden = torch.zeros(x.size(0), width).to(x.scalar_type());
        return new State(hidden, cell == Cell.LSTM ? hidden : null);
    }

    /** One step from what the input and the hidden state contribute to all gates, each [batch, gates·width]. */
    private State step(Tensor input, Tensor recurrent, State state) {
        try (var scope = TorchScope.open()) {
            return switch (cell) {
                case TANH -> new State(scope.keep(input.add(recurrent).tanh()), null);
                case GRU -> {
                    Tensor reset = gate(input, 0).add(gate(recurrent, 0)).sigmoid();
                    Tensor update = gate(input, 1).add(gate(recurrent, 1)).sigmoid();
                    Tensor fresh =
                            gate(input, 2).add(reset.mul(gate(recurrent, 2))).tanh();
                    yield new State(
                            scope.keep(fresh.add(update.mul(state.hidden().sub(fresh)))), null);
                }
                case LSTM -> {
                    Tensor sums = input.add(recurrent);
                    Tensor old = gate(sums, 1).sigmoid().mul(Objects.requireNonNull(state.memory()));
                    Tensor memory =
                            old.add(gate(sums, 0).sigmoid().mul(gate(sums, 2).tanh()));
                    Tensor hidden = gate(sums, 3).sigmoid().mul(memory.tanh());
                    yield new State(scope.keep(hidden), scope.keep(memory));
                }
            };
        }
    }

    private Tensor gate(Tensor gates, int index) {
        return gates.narrow(1, (long) index * width, width);
    }
}
