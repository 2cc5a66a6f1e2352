package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparseLayoutTest {
    private static final int MOST = Integer.MAX_VALUE;
    private static final long BLOCK_BYTES = 320; // of int8: 16 words of codes and 16 times 16 values

    @Test
    void theLargestShapesTakeTheirTrueBytes() {
        assertThat(SparseMatrix.dataBytes(WeightType.INT8, MOST, 4)).isEqualTo((1L << 27) * BLOCK_BYTES);
        assertThat(SparseMatrix.dataBytes(WeightType.INT8, 1, MOST - 3)).isEqualTo((1L << 26) * BLOCK_BYTES);
        assertThat(new SparseLayout(WeightType.INT8, MOST, 4).panels()).isEqualTo(1 << 25);
        assertThat(DenseMatrix.blocks(MOST)).isEqualTo(1 << 26);
    }
}
