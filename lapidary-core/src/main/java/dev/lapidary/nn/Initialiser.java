package dev.lapidary.nn;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.relax.Noise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * How the values of a parameter begin: a function of the noise, hence of seed and name, and of the shape alone.
 *
 * <p>Fans are those of PyTorch: a shape [out, in, ...] has fan-in in·(product of the rest) and fan-out out·(product of the rest).
 */
@FunctionalInterface
public interface Initialiser {
    /** Returns float32 values of a shape; the open scope's, or the caller's to close. */
    Tensor draw(CounterNoise noise, long... shape);

    /** Returns the initialiser that gives one number everywhere. */
    static Initialiser constant(double value) {
        return (noise, shape) -> {
            float[] values = new float[Math.toIntExact(count(shape))];
            Arrays.fill(values, (float) value);
            return Tensors.of(values, shape);
        };
    }

    /** Returns the normal initialiser of mean 0. */
    static Initialiser normal(double deviation) {
        return (noise, shape) -> scaled(Noise.normal(noise, 0, shape), deviation);
    }

    /** Returns the uniform initialiser between minus bound and bound. */
    static Initialiser uniform(double bound) {
        return (noise, shape) -> {
            try (var scope = TorchScope.open()) {
                Tensor unit = Noise.uniform(noise, 0, shape);
                return scope.keep(unit.mul(new Scalar(2.0)).sub(new Scalar(1.0)).mul(new Scalar(bound)));
            }
        };
    }

    /**
     * Returns the normal initialiser of mean 0 whose values beyond two deviations are drawn again, as PyTorch's. What remains has
     * 0.88 of the deviation.
     *
     * @param deviation before values are drawn again
     */
    static Initialiser truncatedNormal(double deviation) {
        return (noise, shape) -> {
            float[] values = new float[Math.toIntExact(count(shape))];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * Draws.withinTwo(noise, i));
            }
            return Tensors.of(values, shape);
        };
    }

    /**
     * Returns the normal initialiser of deviation gain/√fan-in.
     *
     * @param gain √2 before a ReLU, 1 before nothing
     * @see <a href="https://arxiv.org/abs/1502.01852">He et al., Delving deep into rectifiers, ICCV 2015</a>
     */
    static Initialiser kaimingNormal(double gain) {
        return (noise, shape) -> normal(gain / Math.sqrt(fanIn(shape))).draw(noise, shape);
    }

    /** Returns the uniform initialiser of deviation gain/√fan-in; PyTorch's linear layers begin with gain 1/√3. */
    static Initialiser kaimingUniform(double gain) {
        return (noise, shape) -> uniform(gain * Math.sqrt(3 / fanIn(shape))).draw(noise, shape);
    }

    /**
     * Returns the normal initialiser of deviation √(2/(fan-in + fan-out)).
     *
     * @see <a href="https://proceedings.mlr.press/v9/glorot10a.html">Glorot and Bengio, Understanding the difficulty of training deep
     *     feedforward neural networks, AISTATS 2010</a>
     */
    static Initialiser xavierNormal() {
        return (noise, shape) ->
                normal(Math.sqrt(2 / (fanIn(shape) + fanOut(shape)))).draw(noise, shape);
    }

    /** Returns the uniform initialiser of deviation √(2/(fan-in + fan-out)). */
    static Initialiser xavierUniform() {
        return (noise, shape) ->
                uniform(Math.sqrt(6 / (fanIn(shape) + fanOut(shape)))).draw(noise, shape);
    }

    /**
     * Returns the initialiser of gain times an even draw among matrices [out, rest] with orthonormal rows, or columns where there are
     * more rows than columns.
     *
     * @see <a href="https://arxiv.org/abs/1312.6120">Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning
     *     in deep linear neural networks, ICLR 2014</a>
     */
    static Initialiser orthogonal(double gain) {
        return (noise, shape) -> {
            int rows = Math.toIntExact(requireMatrix(shape)[0]);
            int columns = Math.toIntExact(count(shape) / rows);
            double[] normal;
            try (var scope = TorchScope.open()) {
                normal = Tensors.toDoubles(Noise.normal(noise, 0, Math.min(rows, columns), Math.max(rows, columns)));
            }
            double[][] basis = Draws.orthonormal(normal, Math.min(rows, columns));
            float[] values = new float[rows * columns];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    double value = rows <= columns ? basis[row][column] : basis[column][row];
                    values[row * columns + column] = (float) (gain * value);
                }
            }
            return Tensors.of(values, shape);
        };
    }

    private static Tensor scaled(Tensor values, double factor) {
        try (var scope = TorchScope.open()) {
            return scope.keep(values.mul_(new Scalar(factor)));
        }
    }

    private static long count(long... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    private static double fanIn(long... shape) {
        return (double) count(shape) / requireMatrix(shape)[0];
    }

    private static double fanOut(long... shape) {
        return (double) count(shape) / requireMatrix(shape)[1];
    }

    private static long[] requireMatrix(long... shape) {
        if (shape.length < 2 || shape[0] < 1 || shape[1] < 1) {
            throw new IllegalArgumentException("fans need a shape [out, in, ...]; got " + Arrays.toString(shape));
        }
        return shape;
    }
}
