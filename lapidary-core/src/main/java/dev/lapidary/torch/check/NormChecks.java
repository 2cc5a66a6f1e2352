package dev.lapidary.torch.check;

import dev.lapidary.torch.check.Operand.Layout;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer, root mean square and batch norm, forward and backward; batch norm with its running statistics and in both layouts. */
final class NormChecks {
    private static final int CASES = 8;
    private static final int LARGEST = 90;
    private static final int FUNCTIONS = 64; // roundings of the root, the quotient and what follows
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private NormChecks() {}

    static List<CheckedOperation> all() {
        return List.of(
                new CheckedOperation("layer norm", NumberType.F32, NormChecks::layerNorm),
                new CheckedOperation("RMS norm", NumberType.F32, NormChecks::rmsNorm),
                new CheckedOperation("batch norm", NumberType.F32, NormChecks::batchNorm));
    }

    private static void layerNorm(Trial trial) {
        for (int round = 0; round < CASES; round++) {
            int rows = trial.size(5);
            int width = 1 + trial.size(LARGEST); // of one number the norm is 0
            NativeCall call = NativeCall.of(x -> torch.layer_norm(
                    x[0], new long[] {width}, new TensorOptional(x[1]), new TensorOptional(x[2]), EPSILON, false));
            trial.compare(
                    "layer norm",
                    call,
                    new PlainRowNorm(rows, width, true),
                    trial.normal("input", rows, width).in(Layout.alternating(round, Layout.TRANSPOSED)),
                    trial.normal("weight", width),
                    trial.normal("bias", width));
        }
    }

    private static void rmsNorm(Trial trial) {
        for (int round = 0; round < CASES; round++) {
            int rows = trial.size(5);
            int width = 1 + trial.size(LARGEST);
            NativeCall call = NativeCall.of(x ->
                    torch.rms_norm(x[0], new long[] {width}, new TensorOptional(x[1]), new DoubleOptional(EPSILON)));
            trial.compare(
                    "RMS norm",
                    call,
                    new PlainRowNorm(rows, width, false),
                    trial.normal("input", rows, width).in(Layout.alternating(round, Layout.TRANSPOSED)),
                    trial.normal("weight", width));
        }
    }

    private static void batchNorm(Trial trial) {
        for (int round = 0; round < CASES; round++) {
            int images = 1 + trial.size(2);
            int channels = trial.size(19);
            int side = trial.size(3);
            boolean training = round % 4 < 2;
            double[] variance = trial.normal(channels);
            for (int c = 0; c < channels; c++) {
                variance[c] = 0.5 + Math.abs(variance[c]);
            }
            trial.compare(
                    training ? "training" : "trained",
                    inputs -> batchNorm(inputs, training),
                    new PlainBatchNorm(images, channels, side * (side + 1), training),
                    trial.normal("input", images, channels, side, side + 1)
                            .in(Layout.alternating(round, Layout.CHANNELS_LAST)),
                    trial.normal("weight", channels),
                    trial.normal("bias", channels),
                    trial.normal("running mean", channels).fixed(),
                    Operand.of("running variance", variance, channels).fixed());
        }
    }

    /** The output and the running statistics after it. */
    private static Tensor[] batchNorm(Tensor[] x, boolean training) {
        Tensor mean = x[3].clone();
        Tensor variance = x[4].clone();
        Tensor output = torch.batch_norm(
                x[0],
                new TensorOptional(x[1]),
                new TensorOptional(x[2]),
                new TensorOptional(mean),
                new TensorOptional(variance),
                training,
                MOMENTUM,
                EPSILON,
                false);
        return new Tensor[] {output, mean, variance};
    }

    /** Rows [rows, width], with their mean taken off or not, divided by their root mean square, scaled and shifted. */
    private record PlainRowNorm(int rows, int width, boolean centred) implements PlainOperation {
        @Override
        public double[][] outputs(double[][] inputs) {
            double[] x = inputs[0];
            double[] outputs = new double[x.length];
            for (int row = 0; row < rows; row++) {
                double mean = 0;
                for (int i = 0; centred && i < width; i++) {
                    mean += x[row * width + i] / width;
                }
                double square = 0;
                for (int i = 0; i < width; i++) {
                    square += Math.pow(x[row * width + i] - mean, 2) / width;
                }
                for (int i = 0; i < width; i++) {
                    double unit = (x[row * width + i] - mean) / Math.sqrt(square + EPSILON);
                    outputs[row * width + i] = unit * inputs[1][i] + (centred ? inputs[2][i] : 0);
                }
            }
            return new double[][] {outputs};
        }

        @Override
        public double roundings() {
            return width + rows + FUNCTIONS;
        }
    }

    /** Input [images, channels, pixels], each channel with its own mean and variance, of the batch or the running ones. */
    private record PlainBatchNorm(int images, int channels, int pixels, boolean training) implements PlainOperation {
        @Override
        public double[][] outputs(double[][] inputs) {
            double[] outputs = new double[inputs[0].length];
            double[] runningMean = inputs[3].clone();
            double[] runningVariance = inputs[4].clone();
            for (int c = 0; c < channels; c++) {
                double mean = runningMean[c];
                double variance = runningVariance[c];
                if (training) {
                    int count = images * pixels;
                    mean = mean(inputs[0], c, 0, 1);
                    variance = mean(inputs[0], c, mean, 2);
                    runningMean[c] += MOMENTUM * (mean - runningMean[c]);
                    runningVariance[c] += MOMENTUM * (variance * count / (count - 1) - runningVariance[c]);
                }
                for (int at = 0; at < images * pixels; at++) {
                    int i = index(at, c);
                    double unit = (inputs[0][i] - mean) / Math.sqrt(variance + EPSILON);
                    outputs[i] = unit * inputs[1][c] + inputs[2][c];
                }
            }
            return new double[][] {outputs, runningMean, runningVariance};
        }

        private int index(int at, int channel) {
            return (at / pixels * channels + channel) * pixels + at % pixels;
        }

        /** The mean of a power of the distances from a centre over one channel. */
        private double mean(double[] x, int channel, double centre, int power) {
            double sum = 0;
            for (int at = 0; at < images * pixels; at++) {
                sum += Math.pow(x[index(at, channel)] - centre, power);
            }
            return sum / (images * pixels);
        }

        @Override
        public double roundings() {
            return images * pixels + FUNCTIONS;
        }
    }
}
