package dev.lapidary.concept.search;

import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.runtime.kernel.RowKernels;
import dev.lapidary.runtime.kernel.RowProducts;
import java.lang.foreign.Arena;

/**
 * Turns a block of unit embeddings into scores for every class; immutable, shared by all workers.
 *
 * <p>Shapes: concepts [M', d] the weighted unit concepts that stay, classes [K, M'] the similarities of the classes to them.
 */
sealed interface BlockRule {
    /** Chooses the cheapest way that does not depend on the batch. */
    static BlockRule of(Arena arena, Rule rule, FloatMatrix concepts, FloatMatrix classes) {
        return switch (rule) {
            case COSINE ->
                concepts.rows() > concepts.width()
                        ? Folded.of(arena, concepts, classes)
                        : new Materialised(concepts.packed(arena), classes.packed(arena), false);
            case CUBED -> new Materialised(concepts.packed(arena), classes.packed(arena), true);
            case MAX -> new Nearest(concepts.packed(arena), classes);
        };
    }

    /** Makes a worker's step, which writes scores [n, K] of its items. */
    ItemBlocks.Step step(Arena arena, float[] scores);

    /**
     * The cosine rule without a matrix of items by concepts: with unit item f, weighted concepts C and a class's unit
     * similarities t, the cosine is f·(Cᵀt) / √(f·(CᵀC)f).
     *
     * @param folded CᵀC above TC, [d + K, d], packed
     */
    record Folded(RowProducts folded) implements BlockRule {
        static Folded of(Arena arena, FloatMatrix concepts, FloatMatrix classes) {
            int width = concepts.width();
            try (Arena own = Arena.ofShared()) {
                var columns = RowProducts.ofTransposed(own, concepts.memory(), width, concepts.rows()); // Cᵀ [d, M']
                FloatMatrix folded = Products.of(
                        own,
                        (row, to) -> {
                            if (row < width) {
                                concepts.copyColumn(row, to);
                            } else {
                                to.copyFrom(classes.part(row - width, 1).memory());
                            }
                        },
                        width + classes.rows(),
                        columns);
                return new Folded(folded.packed(arena));
            }
        }

        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            int width = folded.columns();
            int classes = folded.rows() - width;
            FloatMatrix product = FloatMatrix.allocate(arena, RowBlocks.ROWS, folded.stride()); // [rows, d + K]
            return (block, start, size) -> {
                folded.multiply(block.memory(), width, size, product.memory());
                for (int i = 0; i < size; i++) {
                    float square = RowKernels.dot(block.memory(), block.at(i), product.memory(), product.at(i), width);
                    float inverse = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
                    for (int k = 0; k < classes; k++) {
                        scores[(start + i) * classes + k] = product.get(i, width + k) * inverse;
                    }
                }
            };
        }
    }

    /** Cosines of similarities, or of their cubes, through a block of the matrix of items by concepts. */
    record Materialised(RowProducts concepts, RowProducts classes, boolean cubed) implements BlockRule {
        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            int width = concepts.rows();
            int count = classes.rows();
            FloatMatrix similarities = FloatMatrix.allocate(arena, RowBlocks.ROWS, concepts.stride()); // [rows, M']
            FloatMatrix product = FloatMatrix.allocate(arena, RowBlocks.ROWS, classes.stride()); // [rows, K]
            float[] lengths = new float[RowBlocks.ROWS];
            return (block, start, size) -> {
                concepts.multiply(block.memory(), block.width(), size, similarities.memory());
                for (int i = 0; i < size; i++) {
                    long row = similarities.at(i);
                    lengths[i] = cubed
                            ? RowKernels.cube(similarities.memory(), row, width)
                            : RowKernels.length(similarities.memory(), row, width);
                }
                classes.multiply(similarities.memory(), similarities.width(), size, product.memory());
                for (int i = 0; i < size; i++) {
                    float inverse = lengths[i] > 0 ? 1 / lengths[i] : 0;
                    for (int k = 0; k < count; k++) {
                        scores[(start + i) * count + k] = product.get(i, k) * inverse;
                    }
                }
            };
        }
    }

    /** The similarities of the classes to the concept that is nearest to the item. */
    record Nearest(RowProducts concepts, FloatMatrix classes) implements BlockRule {
        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            FloatMatrix similarities = FloatMatrix.allocate(arena, RowBlocks.ROWS, concepts.stride()); // [rows, M']
            return (block, start, size) -> {
                concepts.multiply(block.memory(), block.width(), size, similarities.memory());
                for (int i = 0; i < size; i++) {
                    int nearest = RowKernels.argmax(similarities.memory(), similarities.at(i), concepts.rows());
                    for (int k = 0; k < classes.rows(); k++) {
                        scores[(start + i) * classes.rows() + k] = classes.get(k, nearest);
                    }
                }
            };
        }
    }
}
