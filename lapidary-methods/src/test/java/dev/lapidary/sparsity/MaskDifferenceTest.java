package dev.lapidary.sparsity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskDifferenceTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.TWO_OF_FOUR;
    private static final String UP = "model.layers.1.mlp.up_proj.weight";
    private static final String Q1 = "model.layers.1.self_attn.q_proj.weight";

    @Test
    void countsGroupsAndEntriesOverallByKindAndByLayer() {
        // codes: 0 1100, 1 1010, 5 0011
        MaskSet first =
                Masks.set(TWO_OF_FOUR, layer(Masks.Q, 0, 0, 0, 0), layer(Q1, 0, 0, 0, 0), layer(UP, 1, 1, 1, 1));
        MaskSet second =
                Masks.set(TWO_OF_FOUR, layer(Masks.Q, 0, 1, 5, 0), layer(Q1, 0, 0, 0, 5), layer(UP, 1, 1, 1, 1));

        MaskDifference difference = MaskDifference.of(first, second);

        assertThat(difference.sameBase()).isTrue();
        assertThat(difference.total()).isEqualTo(new MaskDifference.Share(12, 3, 48, 10));
        assertThat(List.copyOf(difference.kinds().keySet())).containsExactly("self_attn.q_proj", "mlp.up_proj");
        assertThat(difference.kinds().get("self_attn.q_proj")).isEqualTo(new MaskDifference.Share(8, 3, 32, 10));
        assertThat(difference.layers().get(Masks.Q)).isEqualTo(new MaskDifference.Share(4, 2, 16, 6));
        assertThat(difference.layers().get(UP)).isEqualTo(new MaskDifference.Share(4, 0, 16, 0));
        assertThat(difference.total().groupShare()).isEqualTo(0.25);
        assertThat(difference.total().entryShare()).isEqualTo(10.0 / 48);
    }

    @Test
    void aLayerWithoutAMaskIsKeptWhole() {
        MaskSet first = Masks.set(TWO_OF_FOUR, layer(Masks.Q, 0, 1, 2, 3));
        MaskSet second = Masks.set(TWO_OF_FOUR, layer(UP, 0, 1, 2, 3));

        assertThat(MaskDifference.of(first, second).total()).isEqualTo(new MaskDifference.Share(8, 8, 32, 16));
    }

    @Test
    void groupsOfDifferentSizesAreComparedByEntries() {
        SparsityPattern oneOfTwo = SparsityPattern.parse("1:2");
        MaskSet first = Masks.set(TWO_OF_FOUR, layer(Masks.Q, 0, 1, 2, 5)); // 1100 1010 1001 0011
        MaskSet second = Masks.set(
                oneOfTwo,
                new LayerMask(Masks.Q, 2, 8, oneOfTwo, new byte[] {0, 0, 0, 0, 0, 1, 1, 1})); // 1010 1010 1001 0101

        MaskDifference.Share share = MaskDifference.of(first, second).total();

        assertThat(share).isEqualTo(new MaskDifference.Share(0, 0, 16, 4));
        assertThat(share.groupShare()).isNaN();
    }

    @Test
    void aSetDiffersFromItselfInNothingAndFromOthersAlikeBothWays() {
        qt().withExamples(50).forAll(longs().all(), longs().all()).checkAssert((one, other) -> {
            MaskSet first = Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 4, 12, TWO_OF_FOUR, one));
            MaskSet second = Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 4, 12, TWO_OF_FOUR, other));
            assertThat(MaskDifference.of(first, first).total().entriesDiffering())
                    .isZero();
            assertThat(MaskDifference.of(first, second)).isEqualTo(MaskDifference.of(second, first));
        });
    }

    @Test
    void otherSizesAreRefused() {
        MaskSet first = Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 4, 8, TWO_OF_FOUR, 1));
        MaskSet second = Masks.set(TWO_OF_FOUR, Masks.layer(Masks.Q, 8, 4, TWO_OF_FOUR, 1));
        assertThatThrownBy(() -> MaskDifference.of(first, second))
                .isInstanceOf(InputException.class)
                .hasMessage("masks that are compared must be of the same sizes; got " + Masks.Q + " 2:4 [4, 8] and "
                        + Masks.Q + " 2:4 [8, 4]");
    }

    @ParameterizedTest
    @CsvSource({
        "model.layers.12.self_attn.q_proj.weight, 12, self_attn.q_proj",
        "layers.0.mlp.up_proj.weight, 0, mlp.up_proj",
        "transformer.h.3.attn.c_attn.weight, 3, attn.c_attn",
        "lm_head.weight, -1, lm_head.weight",
    })
    void namesSayBlockAndKind(String weight, int block, String kind) {
        assertThat(LinearName.of(weight)).isEqualTo(new LinearName(block, kind));
    }

    @Test
    void aSummarySumsUpByKind() {
        MaskSet set = Masks.set(TWO_OF_FOUR, layer(Masks.Q, 0, 1, 5, 0), layer(Q1, 0, 0, 0, 5), layer(UP, 1, 1, 1, 1));

        MaskSummary summary = MaskSummary.of(set);

        assertThat(summary.patterns()).containsExactly("1100", "1010", "1001", "0110", "0101", "0011");
        assertThat(summary.kinds().get("self_attn.q_proj"))
                .isEqualTo(new MaskSummary.Kind(2, 0, 32, List.of(5L, 1L, 0L, 0L, 0L, 2L)));
        assertThat(requireNonNull(summary.kinds().get("mlp.up_proj")).share(1)).isEqualTo(1);
        assertThat(summary.density()).isEqualTo(0.5);
        assertThat(summary.weights()).isEqualTo(48);
        assertThat(summary.bytesOfCodes()).isEqualTo(6); // two bytes for four codes each
    }

    private static LayerMask layer(String name, int... codes) {
        byte[] bytes = new byte[codes.length];
        for (int i = 0; i < codes.length; i++) {
            bytes[i] = (byte) codes[i];
        }
        return new LayerMask(name, 2, 2 * codes.length, TWO_OF_FOUR, bytes);
    }
}
