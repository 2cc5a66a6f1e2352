package dev.lapidary.torch;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Compares a way to calculate convolutions with plain loops in float64: the output, and the gradients of input and kernel. */
final class ConvolutionCheck {
    private static final double TOLERANCE = Math.scalb(1.0, -14);
    private static final double BFLOAT16_TOLERANCE = Math.scalb(1.0, -7); // its results have 8 significant bits

    private ConvolutionCheck() {}

    /**
     * A convolution to try.
     *
     * @param transposed whether it enlarges
     * @param sizes batch, channels in, channels out
     * @param spatial sizes of the input's axes, two or three
     * @param kernel the same of the kernel
     * @param type of the tensors
     */
    record Shape(
            boolean transposed,
            List<Integer> sizes,
            List<Integer> spatial,
            List<Integer> kernel,
            ConvolutionGeometry geometry,
            ScalarType type) {
        /** Whether every axis of the output has a position. */
        boolean hasOutputs() {
            for (int axis = 0; axis < spatial.size(); axis++) {
                int reach = geometry.dilation() * (kernel.get(axis) - 1) + 1;
                int size = transposed
                        ? (spatial.get(axis) - 1) * geometry.stride() - 2 * geometry.padding() + reach
                        : spatial.get(axis) + 2 * geometry.padding() - reach;
                if (size < (transposed ? 1 : 0)) {
                    return false;
                }
            }
            return true;
        }

        /** The same with tensors of another type. */
        Shape in(ScalarType other) {
            return new Shape(transposed, sizes, spatial, kernel, geometry, other);
        }
    }

    /** Shapes that oneDNN got wrong where the sizes of caches were hidden, in each of the layouts and directions. */
    private static final List<Shape> SHAPES = List.of(
            shape(false, List.of(2, 9, 5), List.of(6, 7), List.of(3, 3), ConvolutionGeometry.of(1, 1)),
            shape(false, List.of(1, 17, 3), List.of(1, 13), List.of(1, 4), ConvolutionGeometry.of(2, 0)),
            shape(false, List.of(3, 1, 19), List.of(5, 6), List.of(2, 2), ConvolutionGeometry.of(1, 0)),
            shape(false, List.of(2, 19, 21), List.of(4, 5), List.of(1, 1), ConvolutionGeometry.of(1, 0)),
            shape(false, List.of(2, 3, 1), List.of(5, 5), List.of(3, 3), ConvolutionGeometry.of(2, 1)),
            shape(false, List.of(2, 6, 6), List.of(5, 6), List.of(3, 3), new ConvolutionGeometry(1, 1, 1, 6)),
            shape(false, List.of(1, 5, 9), List.of(3, 4, 5), List.of(2, 3, 2), ConvolutionGeometry.of(1, 1)),
            shape(true, List.of(2, 11, 4), List.of(4, 5), List.of(3, 2), ConvolutionGeometry.of(2, 1)),
            shape(false, List.of(1, 4, 15), List.of(3, 4), List.of(3, 3), ConvolutionGeometry.plain())
                    .in(ScalarType.BFloat16),
            shape(false, List.of(2, 5, 7), List.of(1, 9), List.of(1, 2), ConvolutionGeometry.plain())
                    .in(ScalarType.BFloat16));

    private static Shape shape(
            boolean transposed,
            List<Integer> sizes,
            List<Integer> spatial,
            List<Integer> kernel,
            ConvolutionGeometry geometry) {
        return new Shape(transposed, sizes, spatial, kernel, geometry, ScalarType.Float);
    }

    /** Whether a way gets every shape of the check right. */
    static boolean isRight(ConvolutionWay way) {
        return IntStream.range(0, SHAPES.size()).allMatch(i -> error(way, SHAPES.get(i), i) < tolerance(SHAPES.get(i)));
    }

    /** What rounding may give of {@link #error}: values are small whole numbers, so float32 adds them up exactly. */
    static double tolerance(Shape shape) {
        return shape.type() == ScalarType.BFloat16 ? BFLOAT16_TOLERANCE : TOLERANCE;
    }

    /** Returns the largest error of the output and both gradients, as a share of the largest true value of each. */
    static double error(ConvolutionWay way, Shape shape, long seed) {
        ConvolutionLoops loops = new ConvolutionLoops(shape, new Random(seed));
        try (var scope = TorchScope.open();
                var gradients = new AutoGradMode(true)) {
            Tensor input = tensor(loops.input(), shape.type()).set_requires_grad(true);
            Tensor kernel = tensor(loops.kernel(), shape.type()).set_requires_grad(true);
            ConvolutionWindow window =
                    ConvolutionWindow.of(shape.geometry(), shape.spatial().size());
            Tensor output = shape.transposed()
                    ? way.transpose(
                            input,
                            kernel,
                            null,
                            window,
                            new long[shape.spatial().size()])
                    : Convolutions.convolve(way, input, kernel, null, window);
            output.mul(tensor(loops.outputWeights(), shape.type())).sum().backward();
            return DoubleStream.of(
                            loops.output().error(output),
                            loops.inputGradient().error(input.grad()),
                            loops.kernelGradient().error(kernel.grad()))
                    .max()
                    .orElseThrow();
        }
    }

    /** Compares a way with plain loops on some shapes, at least one. */
    static ConvolutionFinding.Outcome outcome(ConvolutionWay way, List<Shape> shapes) {
        int wrong = 0;
        double worst = -1;
        String where = "";
        for (int i = 0; i < shapes.size(); i++) {
            double error = error(way, shapes.get(i), i);
            wrong += error < tolerance(shapes.get(i)) ? 0 : 1;
            if (error > worst) {
                worst = error;
                where = shapes.get(i).toString();
            }
        }
        return new ConvolutionFinding.Outcome(shapes.size(), wrong, worst, tolerance(shapes.getFirst()), where);
    }

    private static Tensor tensor(ConvolutionLoops.Values values, ScalarType type) {
        return Tensors.of(values.values(), values.shape()).to(type);
    }
}
