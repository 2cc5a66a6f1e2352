package dev.lapidary.torch.check;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The cases of one operation in one type: random numbers, the native call, and how far it is from the formula. */
final class Trial {
    private final NumberType type;
    private final UnaryOperator<Tensor> filter;
    private final Random random;
    private final Deviations deviations = new Deviations();

    /**
     * Begins without cases.
     *
     * @param filter what the check sees of each output: the output, except in tests of the check
     */
    Trial(NumberType type, UnaryOperator<Tensor> filter, long seed) {
        this.type = type;
        this.filter = filter;
        random = new Random(seed);
    }

    NumberType type() {
        return type;
    }

    Finding finding() {
        return deviations.finding();
    }

    /** A size from 1 to the largest. */
    int size(int largest) {
        return 1 + random.nextInt(largest);
    }

    /** Normal numbers of the type. */
    double[] normal(long count) {
        double[] values = new double[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.round(random.nextGaussian());
        }
        return values;
    }

    /** An operand of normal numbers. */
    Operand normal(String name, long... shape) {
        return Operand.of(name, normal(Arrays.stream(shape).reduce(1, Math::multiplyExact)), shape);
    }

    /** Compares outputs and gradients of one case with the formula. */
    void compare(String shape, NativeCall call, PlainOperation plain, Operand... operands) {
        double[][] inputs = Arrays.stream(operands).map(Operand::values).toArray(double[][]::new);
        double[][] expected = plain.outputs(inputs);
        double[][] weights = new double[plain.differentiated()][];
        for (int o = 0; o < weights.length; o++) {
            weights[o] = normal(expected[o].length);
        }
        Computed computed = compute(shape, call, weights, operands);
        Tolerances tolerances = new Tolerances(type, plain, inputs, weights);
        for (int o = 0; o < expected.length; o++) {
            deviations.compare(
                    "output " + (o + 1), computed.outputs()[o], expected[o], tolerances.outputs(o, expected[o]));
        }
        if (weights.length == 0) {
            return;
        }
        double[][] gradients = plain.gradients(inputs, weights);
        for (int i = 0; i < operands.length; i++) {
            if (operands[i].differentiated()) {
                deviations.compare(
                        "gradient of " + operands[i].name(),
                        computed.gradients()[i],
                        gradients[i],
                        tolerances.gradients(i, gradients[i]));
            }
        }
    }

    /** Computes one case without gradients, whose identities the caller then notes. */
    double[][] compute(String shape, NativeCall call, Operand... operands) {
        return compute(shape, call, new double[0][], operands).outputs();
    }

    /** Notes an error of the last case that must not be above its tolerance. */
    void bound(String part, double error, double tolerance) {
        deviations.bound(part, error, tolerance);
    }

    /** Notes that the last case could not be computed. */
    void fail(String reason) {
        deviations.fail(reason);
    }

    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    private record Computed(double[][] outputs, double[][] gradients) {}

    private Computed compute(String shape, NativeCall call, double[][] weights, Operand... operands) {
        deviations.begin(shape + ": "
                + String.join(
                        ", ", Arrays.stream(operands).map(Operand::toString).toList()));
        try (var scope = TorchScope.open()) {
            Tensor[] leaves = new Tensor[operands.length];
            for (int i = 0; i < leaves.length; i++) {
                leaves[i] = operands[i].tensor(type);
                if (weights.length > 0 && operands[i].differentiated()) {
                    leaves[i].set_requires_grad(true);
                }
            }
            Tensor[] results = call.apply(leaves);
            double[][] outputs = new double[results.length][];
            for (int o = 0; o < results.length; o++) {
                results[o] = filter.apply(results[o]);
                outputs[o] = Tensors.toDoubles(results[o]);
            }
            return new Computed(outputs, weights.length == 0 ? new double[0][] : backward(leaves, results, weights));
        }
    }

    /** The gradient of each leaf, without numbers where there is none. */
    private double[][] backward(Tensor[] leaves, Tensor[] results, double[][] weights) {
        Tensor loss = term(results[0], weights[0]);
        for (int o = 1; o < weights.length; o++) {
            loss = loss.add(term(results[o], weights[o]));
        }
        loss.backward();
        double[][] gradients = new double[leaves.length][];
        for (int i = 0; i < leaves.length; i++) {
            Tensor gradient = leaves[i].grad();
            gradients[i] = gradient.defined() ? Tensors.toDoubles(gradient) : new double[0];
        }
        return gradients;
    }

    private Tensor term(Tensor result, double[] weights) {
        return result.mul(Tensors.of(weights, Tensors.shape(result)).to(type.scalar()))
                .sum();
    }
}
