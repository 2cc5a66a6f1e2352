package dev.lapidary.torch;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution by plain loops in float64, with the gradients of the sum of its outputs, each times a weight.
 *
 * <p>Inputs, kernels and weights are whole numbers from -3 to 3.
 */
final class ConvolutionLoops {
    private static final int AXES = 3; // of space: two axes are taken for three, the first of one position

    private final ConvolutionCheck.Shape shape;
    private final int[] large = {1, 1, 1}; // the map with more positions: a convolution's input, a transpose's output
    private final int[] small = {1, 1, 1};
    private final int[] kernelSize = {1, 1, 1};
    private final int largePositions;
    private final int smallPositions;
    private final int kernelElements;
    private final int[] positions; // [small positions, kernel elements]: see position
    private final int largeChannels;
    private final int smallChannels;
    private final double[] largeValues;
    private final double[] smallValues;
    private final double[] kernelValues;
    private final double[] largeResult;
    private final double[] smallResult;
    private final double[] kernelResult;

    /** Numbers, row-major, and their shape. */
    record Values(double[] values, long[] shape) {
        /** The largest difference as a share of the largest value; infinite for NaN or another shape. */
        double error(Tensor tensor) {
            if (!Arrays.equals(Tensors.shape(tensor), shape)) {
                return Double.POSITIVE_INFINITY;
            }
            double[] got = Tensors.toDoubles(tensor);
            double worst = 0;
            double largest = 1; // whole numbers: only where all are 0 is the largest less
            for (int i = 0; i < values.length; i++) {
                double difference = Math.abs(got[i] - values[i]);
                worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
                largest = Math.max(largest, Math.abs(values[i]));
            }
            return worst / largest;
        }
    }

    ConvolutionLoops(ConvolutionCheck.Shape shape, Random random) {
        this.shape = shape;
        int axes = shape.spatial().size();
        ConvolutionGeometry g = shape.geometry();
        for (int axis = 0; axis < axes; axis++) {
            int at = AXES - axes + axis;
            int given = shape.spatial().get(axis);
            int reach = g.dilation() * (shape.kernel().get(axis) - 1) + 1;
            kernelSize[at] = shape.kernel().get(axis);
            large[at] = shape.transposed() ? (given - 1) * g.stride() - 2 * g.padding() + reach : given;
            small[at] = shape.transposed() ? given : (given + 2 * g.padding() - reach) / g.stride() + 1;
        }
        largePositions = count(large);
        smallPositions = count(small);
        kernelElements = count(kernelSize);
        positions = positions();
        largeChannels = shape.sizes().get(shape.transposed() ? 2 : 1);
        smallChannels = shape.sizes().get(shape.transposed() ? 1 : 2);
        int batch = shape.sizes().get(0);
        largeValues = whole(random, batch * largeChannels * largePositions);
        smallValues = whole(random, batch * smallChannels * smallPositions);
        kernelValues = whole(random, smallChannels * (largeChannels / g.groups()) * kernelElements);
        largeResult = new double[largeValues.length];
        smallResult = new double[smallValues.length];
        kernelResult = new double[kernelValues.length];
        for (int n = 0; n < batch; n++) {
            for (int s = 0; s < smallChannels; s++) {
                channels(n, s);
            }
        }
    }

    /** Adds what a channel of the small map shares with each channel of its group in the large one. */
    private void channels(int n, int s) {
        int perGroup = largeChannels / shape.geometry().groups();
        int group = s / (smallChannels / shape.geometry().groups());
        for (int l = 0; l < perGroup; l++) {
            int largeMap = (n * largeChannels + group * perGroup + l) * largePositions;
            int smallMap = (n * smallChannels + s) * smallPositions;
            int kernelMap = (s * perGroup + l) * kernelElements;
            for (int p = 0; p < smallPositions; p++) {
                for (int k = 0; k < kernelElements; k++) {
                    int position = positions[p * kernelElements + k];
                    if (position >= 0) {
                        add(largeMap + position, smallMap + p, kernelMap + k);
                    }
                }
            }
        }
    }

    /** Each product of two of the three is a part of the third's sum. */
    private void add(int inLarge, int inSmall, int inKernel) {
        largeResult[inLarge] += smallValues[inSmall] * kernelValues[inKernel];
        smallResult[inSmall] += largeValues[inLarge] * kernelValues[inKernel];
        kernelResult[inKernel] += largeValues[inLarge] * smallValues[inSmall];
    }

    private int[] positions() {
        int[] found = new int[smallPositions * kernelElements];
        for (int i = 0; i < found.length; i++) {
            found[i] = position(i / kernelElements, i % kernelElements);
        }
        return found;
    }

    /** The position in the large map that a position of the small one sees through an element of the kernel; -1 in the padding. */
    private int position(int inSmall, int inKernel) {
        ConvolutionGeometry g = shape.geometry();
        int position = 0;
        int restSmall = inSmall;
        int restKernel = inKernel;
        int factor = 1;
        for (int axis = AXES - 1; axis >= 0; axis--) {
            boolean given = axis >= AXES - shape.spatial().size(); // else an axis of one position, without padding
            int at = (restSmall % small[axis]) * g.stride()
                    + (restKernel % kernelSize[axis]) * g.dilation()
                    - (given ? g.padding() : 0);
            if (at < 0 || at >= large[axis]) {
                return -1;
            }
            position += at * factor;
            factor *= large[axis];
            restSmall /= small[axis];
            restKernel /= kernelSize[axis];
        }
        return position;
    }

    Values input() {
        return shape.transposed() ? small(smallValues) : large(largeValues);
    }

    Values kernel() {
        return kernelValues(kernelValues);
    }

    /** What each output counts in the sum whose gradients are calculated. */
    Values outputWeights() {
        return shape.transposed() ? large(largeValues) : small(smallValues);
    }

    Values output() {
        return shape.transposed() ? large(largeResult) : small(smallResult);
    }

    Values inputGradient() {
        return shape.transposed() ? small(smallResult) : large(largeResult);
    }

    Values kernelGradient() {
        return kernelValues(kernelResult);
    }

    private Values large(double[] values) {
        return new Values(values, shape(shape.sizes().get(0), largeChannels, large));
    }

    private Values small(double[] values) {
        return new Values(values, shape(shape.sizes().get(0), smallChannels, small));
    }

    private Values kernelValues(double[] values) {
        return new Values(
                values, shape(smallChannels, largeChannels / shape.geometry().groups(), kernelSize));
    }

    private long[] shape(int first, int second, int[] space) {
        int axes = shape.spatial().size();
        long[] sizes = new long[2 + axes];
        sizes[0] = first;
        sizes[1] = second;
        for (int axis = 0; axis < axes; axis++) {
            sizes[2 + axis] = space[AXES - axes + axis];
        }
        return sizes;
    }

    private static int count(int[] sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    private static double[] whole(Random random, int count) {
        return random.ints(count, -3, 4).asDoubleStream().toArray();
    }
}
