package dev.lapidary.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolutions that were compared with plain loops on this machine before their first use.
 *
 * <p>oneDNN 3.7.1, which PyTorch 2.10 calls, gives wrong results for about half of small contiguous shapes, 20 to 70 % off or
 * NaN, where a hypervisor hides the sizes of the caches. The first convolution of a process therefore checks a few shapes,
 * forward and both gradients (about 0.15 s), and takes the fastest way that is right: PyTorch's own call, the same with
 * channels last in memory, or products of matrices. A warning says so once where the first way is wrong.
 *
 * <p>Shapes with which a way is not trusted go to products of matrices on every machine: among them outputs that see only padding,
 * which end the JVM in oneDNN, and bfloat16 maps of one position along an axis, whose kernel gradients are unwritten memory there.
 *
 * <p>What is returned may lie in any layout and belongs to the open {@link TorchScope}. All tensors of a call have one type: float32, bfloat16 or float64.
 */
public final class Convolutions {
    private static final Logger LOG = LoggerFactory.getLogger(Convolutions.class);
    private static final ConvolutionWay PRODUCTS = new ProductConvolutions();
    private static final List<ConvolutionWay> WAYS =
            List.of(new BareConvolutions(), new ChannelsLastConvolutions(), PRODUCTS);

    private static final int CASES = 6; // of a kind and type

    private static volatile @Nullable ConvolutionWay chosen;

    private Convolutions() {}

    /**
     * Convolves over one axis.
     *
     * @param input [batch, in, length]
     * @param kernel [out, in / groups, kernel]
     * @param bias [out], or null
     * @return [batch, out, outputs]
     */
    public static Tensor conv1d(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionGeometry geometry) {
        requireAxes(input, kernel, 1);
        ConvolutionWindow window = ConvolutionWindow.of(geometry, 1).withLeadingAxis();
        return convolve(way(), input.unsqueeze(2), kernel.unsqueeze(2), bias, window)
                .squeeze(2);
    }

    /**
     * Convolves over two axes.
     *
     * @param input [batch, in, height, width]
     * @param kernel [out, in / groups, kernel height, kernel width]
     * @param bias [out], or null
     * @return [batch, out, outputs down, outputs across]
     */
    public static Tensor conv2d(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionGeometry geometry) {
        requireAxes(input, kernel, 2);
        return convolve(way(), input, kernel, bias, ConvolutionWindow.of(geometry, 2));
    }

    /**
     * Convolves over three axes.
     *
     * @param input [batch, in, depth, height, width]
     * @param kernel [out, in / groups, kernel depth, kernel height, kernel width]
     * @param bias [out], or null
     * @return [batch, out, outputs deep, outputs down, outputs across]
     */
    public static Tensor conv3d(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionGeometry geometry) {
        requireAxes(input, kernel, 3);
        return convolve(way(), input, kernel, bias, ConvolutionWindow.of(geometry, 3));
    }

    /**
     * The transpose of a convolution over two axes, which enlarges maps.
     *
     * @param input [batch, in, height, width]
     * @param kernel [in, out / groups, kernel height, kernel width]
     * @param bias [out], or null
     * @param outputPadding positions added at the end of both axes of the output, below the stride
     * @return [batch, out, (height - 1) stride - 2 padding + dilation (kernel - 1) + 1 + outputPadding, the same of width]
     */
    public static Tensor convTranspose2d(
            Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionGeometry geometry, int outputPadding) {
        requireAxes(input, kernel, 2);
        if (outputPadding < 0 || outputPadding >= geometry.stride()) {
            throw new IllegalArgumentException("outputPadding must be at least 0 and below the stride "
                    + geometry.stride() + "; got " + outputPadding);
        }
        ConvolutionWindow window = ConvolutionWindow.of(geometry, 2);
        return transpose(way(), input, kernel, bias, window, new long[] {outputPadding, outputPadding});
    }

    /** Convolves in a way, or by products what that way is not trusted with. */
    static Tensor convolve(
            ConvolutionWay way, Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
        long[] output = window.reduced(input, kernel);
        requireChannels(input.size(1), kernel.size(1) * window.groups(), kernel.size(0), window.groups(), bias);
        return (way.handles(input, output, kernel, window) ? way : PRODUCTS).convolve(input, kernel, bias, window);
    }

    /** The same of a transposed convolution. */
    static Tensor transpose(
            ConvolutionWay way,
            Tensor input,
            Tensor kernel,
            @Nullable Tensor bias,
            ConvolutionWindow window,
            long[] outputPadding) {
        long[] output = window.enlarged(input, kernel, outputPadding);
        requireChannels(input.size(1), kernel.size(0), output[1], window.groups(), bias);
        return (way.handles(input, output, kernel, window) ? way : PRODUCTS)
                .transpose(input, kernel, bias, window, outputPadding);
    }

    private static void requireChannels(long in, long wanted, long out, long groups, @Nullable Tensor bias) {
        if (in != wanted || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException("channels must fit the kernel and divide into " + groups
                    + " groups; got " + in + " channels for a kernel of " + wanted + ", " + out + " outputs");
        }
        if (bias != null && (bias.dim() != 1 || bias.size(0) != out)) {
            throw new IllegalArgumentException(
                    "bias must be [" + out + "]; got " + Arrays.toString(Tensors.shape(bias)));
        }
    }

    /** Returns how convolutions are calculated on this machine, for evidence: {@code oneDNN} where PyTorch's own are right. */
    public static String description() {
        return way().description();
    }

    /** Compares more shapes of every kind with plain loops than the check before the first use does; takes about a second. */
    @SuppressWarnings("ReferenceEquality")
    public static List<ConvolutionFinding> findings() {
        ConvolutionWay own = WAYS.getFirst();
        ConvolutionWay used = way();
        List<ConvolutionFinding> findings = new ArrayList<>();
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
            for (ConvolutionKind kind : ConvolutionKind.values()) {
                List<ConvolutionCheck.Shape> shapes = kind.shapes(type, CASES);
                findings.add(new ConvolutionFinding(
                        kind.label(),
                        type == ScalarType.Float ? "f32" : "bf16",
                        ConvolutionCheck.outcome(own, shapes),
                        used == own ? Optional.empty() : Optional.of(ConvolutionCheck.outcome(used, shapes))));
            }
        }
        return findings;
    }

    private static ConvolutionWay way() {
        ConvolutionWay known = chosen;
        if (known != null) {
            return known;
        }
        Torch.load();
        synchronized (Convolutions.class) {
            if (chosen == null) {
                chosen = choose(WAYS);
            }
            return chosen;
        }
    }

    /** Returns the first way that is right here; says so where that is not the first. */
    @SuppressWarnings("ReferenceEquality")
    static ConvolutionWay choose(List<ConvolutionWay> ways) {
        for (ConvolutionWay way : ways) {
            if (ConvolutionCheck.isRight(way)) {
                if (way != ways.getFirst()) {
                    LOG.warn(
                            "PyTorch's convolutions are wrong on this machine ({}); they are calculated by {} instead",
                            ways.getFirst().description(),
                            way.description());
                }
                return way;
            }
        }
        throw new IllegalStateException("convolutions must be right in one of "
                + ways.stream().map(ConvolutionWay::description).toList() + " on this machine; all are wrong");
    }

    /** Uses a way from now on, or looks for the right one again where it is null; for tests. */
    static void use(@Nullable ConvolutionWay way) {
        synchronized (Convolutions.class) {
            chosen = way;
        }
    }

    private static void requireAxes(Tensor input, Tensor kernel, int axes) {
        if (input.dim() != axes + 2 || kernel.dim() != axes + 2) {
            throw new IllegalArgumentException(
                    "input and kernel must have " + (axes + 2) + " axes; got " + input.dim() + " and " + kernel.dim());
        }
    }
}
