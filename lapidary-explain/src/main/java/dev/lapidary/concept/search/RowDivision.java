package dev.lapidary.concept.search;

import dev.lapidary.runtime.kernel.RowKernels;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Divides each item's row of similarities by its sum, unless its mean is below the floor.
 *
 * <p>The division only scales a row, which no rule sees but for the sign, so nothing is divided: an item whose sum is negative is
 * turned round.
 */
final class RowDivision {
    private final ItemBlocks items;
    private final double[] conceptMean; // [d]
    private final int concepts;
    private final double floor;
    private final boolean[] fallback; // [n]

    RowDivision(ItemBlocks items, double[] conceptMean, int concepts, double floor) {
        this.items = items;
        this.conceptMean = conceptMean;
        this.concepts = concepts;
        this.floor = floor;
        fallback = new boolean[items.count()];
    }

    /** Returns a worker's step that divides and then does the next one. */
    ItemBlocks.Step before(ItemBlocks.Step next, Arena arena) {
        FloatMatrix mean = FloatMatrix.allocate(arena, 1, conceptMean.length);
        mean.setRow(0, conceptMean);
        return (block, start, count) -> {
            for (int i = 0; i < count; i++) {
                float rowMean = RowKernels.dot(block.memory(), block.at(i), mean.memory(), 0, block.width());
                if (rowMean < floor) {
                    fallback[start + i] = true;
                } else if ((double) rowMean * concepts + SearchFormulas.ROW_EPSILON < 0) {
                    items.unit(start + i, block, i, -1);
                }
            }
            next.accept(block, start, count);
        };
    }

    /** Indices in the batch of the items below the floor, ascending; complete once all blocks are done. */
    int[] fallbackItems() {
        int[] indices = new int[fallback.length];
        int count = 0;
        for (int i = 0; i < fallback.length; i++) {
            if (fallback[i]) {
                indices[count++] = i;
            }
        }
        return Arrays.copyOf(indices, count);
    }
}
