package dev.lapidary.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each form promises beside the contract: sizes counted by hand, and its own identities. */
class LinearFormsTest {
    private final TorchScope scope = TorchScope.open();
    private final Tensor weight = gaussians(1, 12, 16);

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void aDenseLayerCountsEveryWeight() {
        try (DenseLinear dense = DenseLinear.of(weight)) {
            assertThat(dense.multiplyAdds()).isEqualTo(12 * 16);
            assertThat(dense.bytes(DType.F32)).isEqualTo(4 * 12 * 16);
            assertThat(dense.bytes(DType.BF16)).isEqualTo(2 * 12 * 16);
        }
    }

    @Test
    void aLowRankLayerCountsItsFactors() {
        try (LowRankLinear lowRank = LowRankLinear.nearest(weight, 3)) {
            assertThat(lowRank.rank()).isEqualTo(3);
            assertThat(lowRank.multiplyAdds()).isEqualTo(3 * 12 + 3 * 16);
            assertThat(lowRank.bytes(DType.F32)).isEqualTo(4 * (3 * 12 + 3 * 16));
            assertThat(lowRank.bytes(DType.F16)).isEqualTo(2 * (3 * 12 + 3 * 16));
        }
    }

    /** Packed codes: 2:4 three of a byte, 1:4 four of a byte, 4:8 nine of seven bytes. */
    @ParameterizedTest
    @CsvSource({"2:4, 96, 16", "1:4, 48, 12", "4:8, 96, 21"})
    void aMaskedLayerCountsKeptWeightsAndPackedCodes(String pattern, long kept, long codes) {
        PatternMask mask = PatternMask.largest(weight, SparsityPattern.parse(pattern));
        try (MaskedLinear masked = MaskedLinear.of(weight, mask)) {
            assertThat(masked.multiplyAdds()).isEqualTo(kept);
            assertThat(masked.bytes(DType.F32)).isEqualTo(4 * kept + codes);
            assertThat(masked.bytes(DType.F16)).isEqualTo(2 * kept + codes);
        }
    }

    @Test
    void theFormOfTheTestsCountsRowsAndColumns() {
        try (LinearForm additive = LinearKind.of("additive").approximate(weight)) {
            assertThat(additive.multiplyAdds()).isEqualTo(12 + 16);
            assertThat(additive.bytes(DType.F32)).isEqualTo(4 * (12 + 16));
        }
    }

    @Test
    void fullRankIsTheWeightItself() {
        try (LowRankLinear full = LowRankLinear.nearest(weight, 12)) {
            double largest = weight.abs().max().item_double();
            assertThat(Tensors.toDoubles(full.materialise()))
                    .containsExactly(Tensors.toDoubles(weight), within(largest * 28 * 0x1p-22));
        }
    }

    @Test
    void aLowerRankIsAsFarAsTheSingularValuesThatItLeavesOut() {
        Tensor left = torch.linalg_qr(gaussians(2, 12, 4)).get0(); // [12, 4]
        Tensor right = torch.linalg_qr(gaussians(3, 16, 4)).get0(); // [16, 4]
        Tensor values = Tensors.of(new float[] {5, 3, 2, 1.5f}); // of which 2 and 1.5 are left out
        Tensor known = left.mul(values).mm(right.t());

        try (LowRankLinear lowRank = LowRankLinear.nearest(known, 2)) {
            double distance = lowRank.materialise().sub(known).norm().item_double();
            assertThat(distance).isCloseTo(2.5, within(1e-5));
            Tensor u = lowRank.store(DType.F32).floats("u", 12, 2);
            assertThat(Tensors.toDoubles(u.t().mm(u))) // U = P·√S
                    .containsExactly(new double[] {5, 0, 0, 3}, within(1e-5));
        }
    }

    @Test
    void ranksThatAWeightDoesNotHaveAreRefused() {
        for (long rank : new long[] {0, 13}) {
            assertThatThrownBy(() -> LowRankLinear.nearest(weight, rank))
                    .isInstanceOf(InputException.class)
                    .hasMessage("rank must be from 1 to min(out, in) = 12; got " + rank);
        }
        assertThatThrownBy(() -> LowRankLinear.of(weight, weight)).hasMessageContaining("got r 16 of Float and 12");
        assertThatThrownBy(() -> DenseLinear.of(gaussians(1, 3)))
                .hasMessageContaining("[rows, columns]; got Float [3]");
    }

    @Test
    void aMaskKeepsTheLargestAndPlusZeroElsewhere() {
        float[] values = {-3, 1, -2, 0.5f, 0, -0.1f, 0.2f, -0.3f};
        PatternMask mask = PatternMask.largest(Tensors.of(values, 2, 4), SparsityPattern.TWO_OF_FOUR);
        try (MaskedLinear masked = MaskedLinear.of(Tensors.of(values, 2, 4), mask)) {
            assertThat(bits(masked.materialise()))
                    .isEqualTo(bits(Tensors.of(new float[] {-3, 0, -2, 0, 0, 0, 0.2f, -0.3f}, 2, 4)));
        }
    }

    @Test
    void aKeptZeroStaysKept() {
        Tensor zeros = Tensors.of(new float[16], 2, 8);
        PatternMask mask = new PatternMask(2, 8, SparsityPattern.TWO_OF_FOUR, new byte[] {0, 5, 2, 3});
        try (MaskedLinear masked = MaskedLinear.of(zeros, mask);
                LinearForm read = LinearKind.of("masked").read(masked.store(DType.BF16))) {
            assertThat(((MaskedLinear) read).mask().codes()).containsExactly(0, 5, 2, 3);
        }
    }

    @Test
    void whatAMaskDropsIsNotTrainedAndCountsAsZero() {
        PatternMask mask = PatternMask.largest(weight, SparsityPattern.TWO_OF_FOUR);
        Tensor x = gaussians(2, 3, 16);
        try (MaskedLinear masked = MaskedLinear.of(weight, mask)) {
            float[] before = Tensors.toFloats(masked.product(x, null, Products.F32));
            Tensor own = masked.parameters().firstEntry().getValue();
            own.set_requires_grad(true);
            own.detach().add_(mask.toTensor().eq(new Scalar(0f)).mul(new Scalar(7f))); // where nothing is kept
            Tensor y = masked.product(x, null, Products.F32);
            y.square().sum().backward();

            assertThat(Tensors.toFloats(y)).isEqualTo(before);
            float[] gradient = Tensors.toFloats(own.grad());
            float[] kept = Tensors.toFloats(mask.toTensor());
            for (int i = 0; i < kept.length; i++) {
                assertThat(gradient[i] != 0).isEqualTo(kept[i] == 1);
            }
        }
    }

    @Test
    void onlyDenseAndTwoOfFourHaveKernels() {
        try (Arena arena = Arena.ofConfined();
                DenseLinear dense = DenseLinear.of(weight);
                LowRankLinear lowRank = LowRankLinear.nearest(weight, 3);
                MaskedLinear half = masked("2:4");
                MaskedLinear quarter = masked("1:4")) {
            assertThat(dense.pack(WeightType.INT8, arena)).containsInstanceOf(DenseMatrix.class);
            assertThat(half.pack(WeightType.INT8, arena)).containsInstanceOf(SparseMatrix.class);
            assertThat(quarter.pack(WeightType.INT8, arena)).isEmpty();
            assertThat(lowRank.pack(WeightType.INT8, arena)).isEmpty();
        }
    }

    private MaskedLinear masked(String pattern) {
        return MaskedLinear.of(weight, PatternMask.largest(weight, SparsityPattern.parse(pattern)));
    }

    @Test
    void masksThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> LinearKind.of("masked").approximate(gaussians(1, 4, 10)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a multiple of 4 for 2:4 masks; got a weight [4, 10]");
        PatternMask other = new PatternMask(1, 4, SparsityPattern.TWO_OF_FOUR, new byte[1]);
        assertThatThrownBy(() -> MaskedLinear.of(weight, other)).hasMessageContaining("[12, 16]; got [1, 4]");
        assertThatThrownBy(() -> new PatternMask(1, 4, SparsityPattern.TWO_OF_FOUR, new byte[] {6}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must lie in [0, 6) for 2:4; got 6");
    }

    @Test
    void aKindThatIsNotThereIsRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> LinearKind.of("no-such-kind"))
                .isInstanceOf(InputException.class)
                .hasMessage("the kind of a linear layer must be one of "
                        + LinearKind.all().stream().map(LinearKind::name).collect(Collectors.joining(", "))
                        + "; got no-such-kind");
        assertThat(LinearKind.all()).extracting(LinearKind::name).contains("additive", "dense", "low-rank", "masked");
    }

    private static int[] bits(Tensor tensor) {
        float[] values = Tensors.toFloats(tensor);
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    private static Tensor gaussians(long seed, long... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, shape);
    }
}
