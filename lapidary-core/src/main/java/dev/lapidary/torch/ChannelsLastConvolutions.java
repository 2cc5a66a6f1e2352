package dev.lapidary.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's convolutions with the channels last in memory.
 *
 * <p>Where a hypervisor hides the sizes of the caches, oneDNN 3.7.1 takes them for 0 and loses blocks when it copies a kernel
 * into its own layout. With channels last it makes no such copy of float32, and of bfloat16 it makes one that is right where
 * channels fill whole blocks: zeros fill them here. A tensor of one channel, or of one position, lies both ways at once and is
 * taken for the wrong one: single channels get a second of zeros, and what has a kernel of one position or groups is left to
 * {@link ProductConvolutions}.
 */
final class ChannelsLastConvolutions implements ConvolutionWay {
    private static final long CLEAR = 2; // channels from which on the layout is clear
    private static final long BLOCK = 16; // channels of a block in the layout of bfloat16 kernels

    private final ProductConvolutions products = new ProductConvolutions();
    private final BareConvolutions bare = new BareConvolutions();

    @Override
    public String description() {
        return "oneDNN with channels last";
    }

    @Override
    public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
        if (window.groups() > 1 || onePosition(kernel)) {
            return products.convolve(input, kernel, bias, window);
        }
        Tensor output = bare.convolve(last(padded(input, 1)), last(padded(padded(kernel, 1), 0)), null, window);
        return ConvolutionWay.biased(output.narrow(1, 0, kernel.size(0)), bias);
    }

    @Override
    public Tensor transpose(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
        if (window.groups() > 1 || onePosition(kernel)) {
            return products.transpose(input, kernel, bias, window, outputPadding);
        }
        Tensor output =
                bare.transpose(last(padded(input, 1)), last(padded(padded(kernel, 1), 0)), null, window, outputPadding);
        return ConvolutionWay.biased(output.narrow(1, 0, kernel.size(1)), bias);
    }

    private static boolean onePosition(Tensor kernel) {
        long positions = 1;
        for (int axis = 2; axis < kernel.dim(); axis++) {
            positions *= kernel.size(axis);
        }
        return positions == 1;
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
        return tensor.contiguous(tensor.dim() == 4 ? MemoryFormat.ChannelsLast : MemoryFormat.ChannelsLast3d);
    }
}
