package dev.lapidary.torch.check;

import dev.lapidary.torch.check.Operand.Layout;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Maximum and mean of windows of images, forward and backward, in both layouts. */
final class PoolingChecks {
    private static final int CASES = 10;

    private PoolingChecks() {}

    static List<CheckedOperation> all() {
        return List.of(
                new CheckedOperation("max pooling", NumberType.F32, trial -> pooling(trial, true)),
                new CheckedOperation("average pooling", NumberType.F32, trial -> pooling(trial, false)));
    }

    private static void pooling(Trial trial, boolean largest) {
        for (int round = 0; round < CASES; round++) {
            int kernel = trial.size(3);
            int step = trial.size(2);
            int pad = kernel / 2 * (round % 2);
            int images = trial.size(2);
            int channels = trial.size(19);
            int side = kernel + trial.size(5);
            Window window = new Window(kernel, step, pad);
            trial.compare(
                    window.toString(),
                    NativeCall.of(x -> window.pool(x[0], largest)),
                    new PlainPooling(images * channels, side, side + 1, window, largest),
                    trial.normal("input", images, channels, side, side + 1)
                            .in(Layout.alternating(round / 2, Layout.CHANNELS_LAST)));
        }
    }

    private record Window(int kernel, int step, int pad) {
        Tensor pool(Tensor input, boolean largest) {
            long[] sides = {kernel, kernel};
            long[] steps = {step, step};
            long[] pads = {pad, pad};
            return largest
                    ? torch.max_pool2d(input, sides, steps, pads, new long[] {1, 1}, false)
                    : torch.avg_pool2d(input, sides, steps, pads, false, true, new LongOptional());
        }

        int count(int side) {
            return (side + 2 * pad - kernel) / step + 1;
        }

        @Override
        public String toString() {
            return "kernel " + kernel + ", step " + step + ", padding " + pad;
        }
    }

    /** Images [images, height, width] → [images, windows down, windows across]; the mean counts the padding as zeros. */
    private record PlainPooling(int images, int height, int width, Window window, boolean largest)
            implements PlainOperation {
        @Override
        public double[][] outputs(double[][] inputs) {
            double[] outputs = new double[count()];
            for (int i = 0; i < outputs.length; i++) {
                double sum = 0;
                double most = Double.NEGATIVE_INFINITY;
                for (int at : pixels(i)) {
                    sum += inputs[0][at];
                    most = Math.max(most, inputs[0][at]);
                }
                outputs[i] = largest ? most : sum / (window.kernel * window.kernel);
            }
            return new double[][] {outputs};
        }

        @Override
        public double[][] gradients(double[][] inputs, double[][] weights) {
            double[] gradient = new double[inputs[0].length];
            for (int i = 0; i < count(); i++) {
                int[] pixels = pixels(i);
                int first = pixels[0];
                for (int at : pixels) {
                    if (largest) {
                        first = inputs[0][at] > inputs[0][first] ? at : first;
                    } else {
                        gradient[at] += weights[0][i] / (window.kernel * window.kernel);
                    }
                }
                if (largest) {
                    gradient[first] += weights[0][i];
                }
            }
            return new double[][] {gradient};
        }

        private int count() {
            return images * window.count(height) * window.count(width);
        }

        /** Where the pixels of a window are. */
        private int[] pixels(int output) {
            int across = window.count(width);
            int down = window.count(height);
            int top = output / across % down * window.step - window.pad;
            int left = output % across * window.step - window.pad;
            int image = output / across / down;
            return IntStream.range(Math.max(0, top), Math.min(height, top + window.kernel))
                    .flatMap(row -> IntStream.range(Math.max(0, left), Math.min(width, left + window.kernel))
                            .map(column -> (image * height + row) * width + column))
                    .toArray();
        }

        /** The pixels of a window, or the windows of a pixel. */
        @Override
        public double roundings() {
            return window.kernel * window.kernel + 1;
        }

        @Override
        public boolean sums() {
            return !largest;
        }
    }
}
