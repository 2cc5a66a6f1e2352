package dev.lapidary.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's convolutions over two axes with the channels last in memory.
 *
 * <p>Where a hypervisor hides the sizes of the caches, oneDNN 3.7.1 takes them for 0 and loses blocks when it copies a kernel
 * into its own layout. With channels last it makes no such copy of float32 kernels without dilation, and of bfloat16 it makes one
 * that is right where channels fill whole blocks: zeros fill them here. A tensor of one channel lies both ways at once and is taken
 * for the wrong one: single channels get a second of zeros. All else, found wrong here and there, is not handled: three axes, groups,
 * dilation, kernels of one position, and maps of one or two positions along an axis.
 */
final class ChannelsLastConvolutions implements ConvolutionWay {
    private static final long LEAST_POSITIONS = 3;
    private static final long CLEAR = 2; // channels from which on the layout is clear
    private static final long BLOCK = 16; // channels of a block in the layout of bfloat16 kernels

    private final BareConvolutions bare = new BareConvolutions();

    @Override
    public String description() {
        return "oneDNN with channels last";
    }

    @Override
    public boolean handles(Tensor input, long[] output, Tensor kernel, ConvolutionWindow window) {
        return window.axes() == 2
                && window.groups() == 1
                && Arrays.stream(window.dilation()).allMatch(step -> step == 1)
                && kernel.size(2) * kernel.size(3) > 1
                && window.paddingIsWithin(kernel)
                && ConvolutionWindow.leastPositions(input, output, kernel) >= LEAST_POSITIONS;
    }

    @Override
    public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
        Tensor output = bare.convolve(last(padded(input, 1)), last(padded(padded(kernel, 1), 0)), null, window);
        return ConvolutionWay.biased(output.narrow(1, 0, kernel.size(0)), bias);
    }

    @Override
    public Tensor transpose(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
        Tensor output =
                bare.transpose(last(padded(input, 1)), last(padded(padded(kernel, 1), 0)), null, window, outputPadding);
        return ConvolutionWay.biased(output.narrow(1, 0, kernel.size(1)), bias);
    }

    /** Adds zeros at the end of an axis of channels, up to a number that oneDNN gets right. */
    private static Tensor padded(Tensor tensor, int axis) {
        long channels = tensor.size(axis);
        long wanted = tensor.scalar_type().intern() == ScalarType.BFloat16
                ? Math.ceilDiv(channels, BLOCK) * BLOCK
                : Math.max(channels, CLEAR);
        if (wanted == channels) {
            return tensor;
        }
        long[] zeros = new long[2 * ((int) tensor.dim() - axis)]; // before and after, the last axis first
        zeros[zeros.length - 1] = wanted - channels;
        return torch.constant_pad_nd(tensor, zeros);
    }

    private static Tensor last(Tensor tensor) {
        return tensor.contiguous(MemoryFormat.ChannelsLast);
    }
}
