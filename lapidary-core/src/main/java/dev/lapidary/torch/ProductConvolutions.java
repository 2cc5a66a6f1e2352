package dev.lapidary.torch;

import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions as products of matrices, which are right everywhere: the input's windows become columns.
 *
 * <p>Several times slower than oneDNN where that is right.
 */
final class ProductConvolutions implements ConvolutionWay {
    @Override
    public String description() {
        return "products of matrices";
    }

    @Override
    public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
        Tensor output = window.axes() == 2 ? plane(input, kernel, window) : volume(input, kernel, window);
        return ConvolutionWay.biased(output, bias);
    }

    private static Tensor plane(Tensor input, Tensor kernel, ConvolutionWindow window) {
        long height = window.outputs(0, input.size(2), kernel.size(2));
        long width = window.outputs(1, input.size(3), kernel.size(3));
        long batch = input.size(0);
        long out = kernel.size(0);
        long groups = window.groups();
        Tensor columns = columns(input, kernel, window); // [batch, in * kernel, positions]
        long weights = kernel.numel() / out; // in / groups * kernel
        Tensor rows = kernel.reshape(groups, out / groups, weights); // [groups, out / groups, in / groups * kernel]
        Tensor products = groups == 1
                ? rows.reshape(out, weights).matmul(columns)
                : rows.matmul(columns.reshape(batch, groups, rows.size(2), height * width));
        return products.reshape(batch, out, height, width);
    }

    private static Tensor columns(Tensor input, Tensor kernel, ConvolutionWindow window) {
        boolean onePosition = kernel.size(2) == 1 && kernel.size(3) == 1;
        if (!onePosition || Arrays.stream(window.padding()).sum() > 0) {
            return torch.im2col(
                            exact(input), // its gradient adds up what the columns share
                            new long[] {kernel.size(2), kernel.size(3)},
                            window.dilation(),
                            window.padding(),
                            window.stride())
                    .to(input.scalar_type());
        }
        Tensor kept = every(every(input, 2, window.stride()[0]), 3, window.stride()[1]);
        return kept.reshape(input.size(0), input.size(1), kept.size(2) * kept.size(3));
    }

    /** Entries 0, step, 2 step, ... along an axis. */
    private static Tensor every(Tensor tensor, int axis, long step) {
        return step == 1 ? tensor : slice(tensor, axis, 0, tensor.size(axis), step);
    }

    private static Tensor slice(Tensor tensor, int axis, long from, long to, long step) {
        long count = Math.floorDiv(to - 1 - from, step) + 1;
        return tensor.narrow(axis, from, (count - 1) * step + 1)
                .unfold(axis, 1, step)
                .squeeze(-1);
    }

    /** A convolution over three axes: planes of the kernel, one after the other, over planes of the input. */
    private static Tensor volume(Tensor input, Tensor kernel, ConvolutionWindow window) {
        long depth = window.outputs(0, input.size(2), kernel.size(2));
        long stride = window.stride()[0];
        long padding = window.padding()[0];
        Tensor padded = padding == 0 ? input : torch.constant_pad_nd(input, 0, 0, 0, 0, padding, padding);
        Tensor sum = null;
        for (long plane = 0; plane < kernel.size(2); plane++) {
            long from = plane * window.dilation()[0];
            Tensor planes = slice(padded, 2, from, from + (depth - 1) * stride + 1, stride) // [batch, in, depth, h, w]
                    .permute(0, 2, 1, 3, 4)
                    .flatten(0, 1); // [batch * depth, in, h, w]
            Tensor part = plane(planes, kernel.select(2, plane), window.withoutFirstAxis());
            sum = sum == null ? part : sum.add(part);
        }
        return Objects.requireNonNull(sum)
                .reshape(input.size(0), depth, kernel.size(0), sum.size(2), sum.size(3))
                .permute(0, 2, 1, 3, 4);
    }

    @Override
    public Tensor transpose(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
        long batch = input.size(0);
        long groups = window.groups();
        long in = input.size(1);
        Tensor rows = kernel.reshape(groups, in / groups, kernel.numel() / in)
                .transpose(1, 2); // [groups, out / groups * kernel, in / groups]
        Tensor columns =
                rows.matmul(input.reshape(batch, groups, in / groups, -1)).reshape(batch, groups * rows.size(1), -1);
        long[] size = window.enlarged(input, kernel, outputPadding); // [batch, out, height, width]
        Tensor output = torch.col2im(
                        exact(columns),
                        new long[] {size[2], size[3]},
                        new long[] {kernel.size(2), kernel.size(3)},
                        window.dilation(),
                        window.padding(),
                        window.stride())
                .to(input.scalar_type());
        return ConvolutionWay.biased(output, bias);
    }

    /** Sums of bfloat16 are made in float32. */
    private static Tensor exact(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.BFloat16 ? tensor.to(ScalarType.Float) : tensor;
    }
}
