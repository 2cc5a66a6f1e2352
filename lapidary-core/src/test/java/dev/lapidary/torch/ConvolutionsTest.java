package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.torch.ConvolutionCheck.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConvolutionsTest {
    private static final int SHAPES = Integer.getInteger("lapidary.test.convolutions", 4); // of each kind

    @AfterEach
    void choosesAgain() {
        Convolutions.use(null);
    }

    /** Goes through the public methods, as every net of ours does. */
    private static final class Public implements ConvolutionWay {
        @Override
        public String description() {
            return "Convolutions";
        }

        @Override
        public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
            ConvolutionGeometry geometry = geometry(window);
            if (window.axes() == 3) {
                return Convolutions.conv3d(input, kernel, bias, geometry);
            }
            if (input.size(2) == 1 && kernel.size(2) == 1 && geometry.padding() == 0) {
                return Convolutions.conv1d(input.squeeze(2), kernel.squeeze(2), bias, geometry)
                        .unsqueeze(2);
            }
            return Convolutions.conv2d(input, kernel, bias, geometry);
        }

        @Override
        public Tensor transpose(
                Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
            return Convolutions.convTranspose2d(input, kernel, bias, geometry(window), (int) outputPadding[0]);
        }

        private static ConvolutionGeometry geometry(ConvolutionWindow window) {
            return new ConvolutionGeometry(
                    (int) window.stride()[0], (int) window.padding()[0], (int) window.dilation()[0], (int)
                            window.groups());
        }
    }

    /** The same with inputs and kernels that lie channels last. */
    private record ChannelsLast(ConvolutionWay way) implements ConvolutionWay {
        @Override
        public String description() {
            return "channels last";
        }

        @Override
        public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
            var format = window.axes() == 2 ? MemoryFormat.ChannelsLast : MemoryFormat.ChannelsLast3d;
            return way.convolve(input.contiguous(format), kernel.contiguous(format), bias, window);
        }

        @Override
        public Tensor transpose(
                Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
            var format = MemoryFormat.ChannelsLast;
            return way.transpose(input.contiguous(format), kernel.contiguous(format), bias, window, outputPadding);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ONE_AXIS, Float",
        "TWO_AXES, Float",
        "THREE_AXES, Float",
        "TRANSPOSED, Float",
        "DEPTHWISE, Float",
        "GROUPED, Float",
        "ONE_AXIS, BFloat16",
        "TWO_AXES, BFloat16",
        "THREE_AXES, BFloat16",
        "TRANSPOSED, BFloat16",
        "DEPTHWISE, BFloat16"
    })
    void areThoseOfPlainLoops(ConvolutionKind kind, ScalarType type) {
        List<Shape> shapes = kind.shapes(type, SHAPES);

        assertThat(wrong(new Public(), shapes)).isEmpty();
        assertThat(wrong(new ChannelsLast(new Public()), shapes)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ConvolutionKind.class)
    void productsOfMatricesAreThoseOfPlainLoops(ConvolutionKind kind) {
        Convolutions.use(new ProductConvolutions());

        assertThat(wrong(new Public(), kind.shapes(ScalarType.Float, SHAPES))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ConvolutionKind.class)
    void channelsLastAreThoseOfPlainLoops(ConvolutionKind kind) {
        Convolutions.use(new ChannelsLastConvolutions());

        assertThat(wrong(new Public(), kind.shapes(ScalarType.Float, SHAPES))).isEmpty();
    }

    private static List<String> wrong(ConvolutionWay way, List<Shape> shapes) {
        return IntStream.range(0, shapes.size())
                .filter(i ->
                        !(ConvolutionCheck.error(way, shapes.get(i), i) < ConvolutionCheck.tolerance(shapes.get(i))))
                .mapToObj(i -> "error " + ConvolutionCheck.error(way, shapes.get(i), i) + " of " + shapes.get(i))
                .toList();
    }

    /** Wrong as oneDNN is where it loses blocks of a kernel: the last channels count nothing. */
    private record LosesChannels(ConvolutionWay right) implements ConvolutionWay {
        @Override
        public String description() {
            return "a wrong way";
        }

        @Override
        public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
            Tensor lost = torch.ones_like(kernel);
            lost.narrow(0, kernel.size(0) - 1, 1).zero_();
            return right.convolve(input, kernel.mul(lost), bias, window);
        }

        @Override
        public Tensor transpose(
                Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
            return right.transpose(input, kernel, bias, window, outputPadding);
        }
    }

    /** Right forward, with a gradient of the kernel that is not a number. */
    private record LosesGradients(ConvolutionWay right) implements ConvolutionWay {
        @Override
        public String description() {
            return "a way with wrong gradients";
        }

        @Override
        public Tensor convolve(Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window) {
            Tensor zero = kernel.sub(kernel).abs().sqrt().sum(); // its derivative is 0 times infinity
            return right.convolve(input, kernel, bias, window).add(zero);
        }

        @Override
        public Tensor transpose(
                Tensor input, Tensor kernel, @Nullable Tensor bias, ConvolutionWindow window, long[] outputPadding) {
            return right.transpose(input, kernel, bias, window, outputPadding);
        }
    }

    @Test
    void aWrongWayIsPassedOverAndTheNextRightOneUsed() {
        var products = new ProductConvolutions();
        ConvolutionWay chosen = Convolutions.choose(
                List.of(new LosesChannels(products), new LosesGradients(products), new ChannelsLastConvolutions()));

        assertThat(chosen).isInstanceOf(ChannelsLastConvolutions.class);
        Convolutions.use(chosen);
        assertThat(Convolutions.description()).isEqualTo("oneDNN with channels last");
        assertThat(wrong(new Public(), ConvolutionKind.TWO_AXES.shapes(ScalarType.Float, SHAPES)))
                .isEmpty();
    }

    @Test
    void wrongWaysAreSeenByTheirShapes() {
        Convolutions.use(new LosesChannels(new ProductConvolutions()));

        // among more shapes there are outputs that see padding alone, which have no channels to lose
        assertThat(wrong(new Public(), ConvolutionKind.TWO_AXES.shapes(ScalarType.Float, 4)))
                .hasSize(4);
    }

    @Test
    void findingsNameWhatIsWrongAndWhatIsUsedInstead() {
        assertThat(Convolutions.findings())
                .hasSize(12)
                .allSatisfy(found ->
                        assertThat(found.used().orElse(found.own()).wrong()).isZero());
        Convolutions.use(new ChannelsLastConvolutions());
        assertThat(Convolutions.findings())
                .allSatisfy(
                        found -> assertThat(found.used().orElseThrow().wrong()).isZero());
        var outcome = ConvolutionCheck.outcome(
                new LosesChannels(new ProductConvolutions()), ConvolutionKind.TWO_AXES.shapes(ScalarType.Float, 4));
        assertThat(outcome.wrong()).isEqualTo(4);
        assertThat(outcome.error()).isGreaterThan(outcome.tolerance());
    }

    @Test
    void failsWhereNoWayIsRight() {
        var wrong = new LosesChannels(new ProductConvolutions());

        assertThatThrownBy(() -> Convolutions.choose(List.of(wrong)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must be right")
                .hasMessageContaining("a wrong way");
    }

    @ParameterizedTest
    @CsvSource({"oneDNN", "channels last", "products"})
    void biasAndOutputPaddingAreThoseOfTheFormula(String name) {
        use(name);
        try (var scope = TorchScope.open()) {
            Tensor ones = torch.ones(1, 2, 3, 3);
            Tensor kernel = torch.ones(3, 2, 3, 3);
            Tensor bias = Tensors.of(new float[] {10, 20, 30});

            Tensor sums = Convolutions.conv2d(ones, kernel, bias, ConvolutionGeometry.of(1, 1));
            assertThat(Tensors.toFloats(sums.select(1, 1)))
                    .containsExactly(28, 32, 28, 32, 38, 32, 28, 32, 28); // 2 channels times 4, 6 or 9 pixels

            Tensor large = Convolutions.convTranspose2d(
                    ones, torch.ones(2, 1, 2, 2), bias.narrow(0, 2, 1), ConvolutionGeometry.of(2, 0), 1);
            assertThat(Tensors.shape(large)).containsExactly(1, 1, 7, 7);
            assertThat(large.sum(new long[] {0, 1, 2, 3}).item_double())
                    .isCloseTo(49 * 30 + 36 * 2, within(1e-3)); // the added row and column hold the bias alone
        }
    }

    private static void use(String name) {
        Convolutions.use(
                switch (name) {
                    case "oneDNN" -> new BareConvolutions();
                    case "channels last" -> new ChannelsLastConvolutions();
                    default -> new ProductConvolutions();
                });
    }

    @Test
    void workWhereGradientsAreSwitchedOff() {
        Convolutions.use(null); // the check comes first
        try (var scope = TorchScope.open();
                var constant = new org.bytedeco.pytorch.NoGradGuard()) {
            Tensor sum =
                    Convolutions.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), null, ConvolutionGeometry.plain());

            assertThat(Tensors.toFloats(sum.mul(new Scalar(2)))).containsExactly(4, 4, 4);
        }
    }

    @Test
    void refuseWhatIsNoConvolution() {
        try (var scope = TorchScope.open()) {
            Tensor map = torch.ones(1, 1, 2, 2);
            assertThatThrownBy(() -> Convolutions.conv1d(map, map, null, ConvolutionGeometry.plain()))
                    .hasMessageContaining("must have 3 axes; got 4 and 4");
            assertThatThrownBy(() -> Convolutions.convTranspose2d(map, map, null, ConvolutionGeometry.of(2, 0), 2))
                    .hasMessageContaining("below the stride 2; got 2");
            assertThatThrownBy(() -> new ConvolutionGeometry(0, 0, 1, 1)).hasMessageContaining("stride=0");
            Convolutions.use(new ProductConvolutions());
            assertThatThrownBy(
                            () -> Convolutions.conv2d(map, torch.ones(1, 1, 3, 3), null, ConvolutionGeometry.plain()))
                    .hasMessageContaining("must fit into the padded input");
        }
    }

    @ParameterizedTest
    @CsvSource({"oneDNN", "channels last", "products"})
    void refuseChannelsThatDoNotFitInEveryWay(String name) {
        use(name);
        try (var scope = TorchScope.open()) {
            var plain = ConvolutionGeometry.plain();
            Tensor one = torch.ones(1, 1, 5, 5);
            assertThatThrownBy(() -> Convolutions.conv2d(one, torch.ones(4, 2, 3, 3), null, plain))
                    .hasMessageContaining("got 1 channels for a kernel of 2");
            assertThatThrownBy(() -> Convolutions.convTranspose2d(one, torch.ones(2, 4, 3, 3), null, plain, 0))
                    .hasMessageContaining("got 1 channels for a kernel of 2");
            assertThatThrownBy(() -> Convolutions.conv2d(one, torch.ones(4, 1, 3, 3), torch.ones(1), plain))
                    .hasMessageContaining("bias must be [4]; got [1]");
            Tensor none = Convolutions.conv2d(torch.ones(0, 1, 5, 5), torch.ones(4, 1, 1, 1), null, plain);
            assertThat(Tensors.shape(none)).containsExactly(0, 4, 5, 5);
        }
    }
}
