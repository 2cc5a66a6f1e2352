package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.linear.PatternCodes;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LayerMaskTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;

    @Test
    void goldenMaskHasGoldenCodesAndBytes() throws IOException {
        JsonNode golden = golden();
        boolean[] kept = bits(golden.path("mask"));

        LayerMask mask = LayerMask.of("w", 4, 16, TWO_OF_FOUR, kept);

        assertThat(mask.codes()).isEqualTo(bytes(golden.path("pattern_codes")));
        assertThat(PatternCodes.pack(mask.codes(), TWO_OF_FOUR))
                .isEqualTo(bytes(golden.path("base6_3codes_per_byte_lsd_first")));
        assertThat(mask.histogram()).containsExactly(3, 2, 7, 3, 1, 0);
        assertThat(mask.kept()).isEqualTo(32);
        assertThat(mask.keeps(0, 0)).isTrue();
        assertThat(mask.keeps(0, 1)).isFalse();
        assertThat(mask.keeps(3, 15)).isTrue();
    }

    @Test
    void tensorsOfAnyPatternBecomeTheSameCodesAgain() {
        qt().withExamples(60)
                .forAll(integers().between(1, 7), integers().between(1, 5), longs().all())
                .checkAssert((rows, groups, seed) -> {
                    for (String text : new String[] {"2:4", "1:4", "3:4", "1:2", "4:8", "1:16"}) {
                        SparsityPattern pattern = SparsityPattern.parse(text);
                        LayerMask mask = Masks.layer("w", rows, groups * pattern.of(), pattern, seed);
                        try (TorchScope scope = TorchScope.open()) {
                            Tensor tensor = mask.toTensor();
                            assertThat(Tensors.shape(tensor)).containsExactly(mask.rows(), mask.columns());
                            assertThat(tensor.sum().item_double()).isEqualTo(mask.kept());
                            assertThat(LayerMask.of("w", tensor, pattern)).isEqualTo(mask);
                        }
                    }
                });
    }

    @Test
    void tensorHoldsOnesWhereTheMaskKeeps() {
        LayerMask mask = Masks.layer("w", 3, 8, TWO_OF_FOUR, 7);
        try (TorchScope scope = TorchScope.open()) {
            float[] entries = Tensors.toFloats(mask.toTensor());
            for (int i = 0; i < entries.length; i++) {
                assertThat(entries[i] == 1).isEqualTo(mask.keeps(i / 8, i % 8));
            }
        }
    }

    @Test
    void aGroupWithAnotherNumberIsRefusedWithItsPlace() {
        boolean[] kept = {true, true, false, false, true, false, true, true};

        assertThatThrownBy(() -> LayerMask.of("w", 2, 4, TWO_OF_FOUR, kept))
                .isInstanceOf(InputException.class)
                .hasMessage("every group of the mask of w must keep 2:4; got 3 of 4 in row 1 from column 0");
    }

    @Test
    void entriesOtherThanZeroAndOneAreRefused() {
        try (TorchScope scope = TorchScope.open()) {
            Tensor mask = Tensors.of(new float[] {1, 0.5f, 0, 0}, 1, 4);
            assertThatThrownBy(() -> LayerMask.of("w", mask, TWO_OF_FOUR))
                    .isInstanceOf(InputException.class)
                    .hasMessage("the mask of w must hold zeros and ones; got 0.5");
            Tensor vector = Tensors.of(new float[] {1, 1, 0, 0});
            assertThatThrownBy(() -> LayerMask.of("w", vector, TWO_OF_FOUR))
                    .isInstanceOf(InputException.class)
                    .hasMessage("the mask of w must be a matrix; got 1 dimensions");
        }
    }

    @Test
    void sizesAndCodesMustFit() {
        assertThatThrownBy(() -> new LayerMask("w", 2, 6, TWO_OF_FOUR, new byte[3]))
                .isInstanceOf(InputException.class)
                .hasMessage("in-features of w must be a multiple of 4 for 2:4 masks; got a weight [2, 6]");
        assertThatThrownBy(() -> new LayerMask("w", 2, 8, TWO_OF_FOUR, new byte[3]))
                .isInstanceOf(InputException.class)
                .hasMessage("w [2, 8] must have 4 codes; got 3");
        assertThatThrownBy(() -> new LayerMask("w", 1, 4, TWO_OF_FOUR, new byte[] {6}))
                .isInstanceOf(InputException.class)
                .hasMessage("codes of w must lie in [0, 6) for 2:4; got 6");
        assertThatThrownBy(() -> new LayerMask("w", 1 << 20, 1 << 20, TWO_OF_FOUR, new byte[1]))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have at most");
    }

    static JsonNode golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(LayerMaskTest.class.getResourceAsStream("packing.json"))) {
            return JsonMapper.shared().readTree(in);
        }
    }

    static boolean[] bits(JsonNode rows) {
        byte[] values = bytes(rows);
        boolean[] bits = new boolean[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = values[i] == 1;
        }
        return bits;
    }

    /** The numbers of nested arrays, flattened. */
    static byte[] bytes(JsonNode array) {
        byte[] all = new byte[0];
        for (JsonNode node : array) {
            byte[] more = node.isArray() ? bytes(node) : new byte[] {(byte) node.intValue()};
            all = Arrays.copyOf(all, all.length + more.length);
            System.arraycopy(more, 0, all, all.length - more.length, more.length);
        }
        return all;
    }
}
