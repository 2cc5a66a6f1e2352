package dev.lapidary.concept.search;

import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.runtime.kernel.RowKernels;
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
                        : new Materialised(concepts, classes, false);
            case CUBED -> new Materialised(concepts, classes, true);
            case MAX -> new Nearest(concepts, classes);
        };
    }

    /** Makes a worker's step, which writes scores [n, K] of its items. */
    ItemBlocks.Step step(Arena arena, float[] scores);

    /**
     * The cosine rule without a matrix of items by concepts: with unit item f, weighted concepts C and a class's unit
     * similarities t, the cosine is f·(Cᵀt) / √(f·(CᵀC)f).
     *
     * @param folded CᵀC above TC, [d + K, d]
     */
    record Folded(FloatMatrix folded) implements BlockRule {
        static Folded of(Arena arena, FloatMatrix concepts, FloatMatrix classes) {
            int width = concepts.width();
            FloatMatrix folded = FloatMatrix.allocate(arena, width + classes.rows(), width);
            Products.transposedTimes(concepts, concepts, folded.part(0, width));
            Products.times(classes, concepts, folded.part(width, classes.rows()));
            return new Folded(folded);
        }

        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            int width = folded.width();
            int classes = folded.rows() - width;
            FloatMatrix product = FloatMatrix.allocate(arena, ItemBlocks.ROWS, folded.rows()); // [ROWS, d + K]
            return (block, start, size) -> {
                Products.timesTransposed(block, folded, product);
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
    record Materialised(FloatMatrix concepts, FloatMatrix classes, boolean cubed) implements BlockRule {
        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            int width = concepts.rows();
            FloatMatrix similarities = FloatMatrix.allocate(arena, ItemBlocks.ROWS, width); // [ROWS, M']
            FloatMatrix product = FloatMatrix.allocate(arena, ItemBlocks.ROWS, classes.rows()); // [ROWS, K]
            float[] lengths = new float[ItemBlocks.ROWS];
            return (block, start, size) -> {
                Products.timesTransposed(block, concepts, similarities);
                for (int i = 0; i < size; i++) {
                    long row = similarities.at(i);
                    lengths[i] = cubed
                            ? RowKernels.cube(similarities.memory(), row, width)
                            : RowKernels.length(similarities.memory(), row, width);
                }
                Products.timesTransposed(similarities, classes, product);
                for (int i = 0; i < size; i++) {
                    float inverse = lengths[i] > 0 ? 1 / lengths[i] : 0;
                    for (int k = 0; k < product.width(); k++) {
                        scores[(start + i) * product.width() + k] = product.get(i, k) * inverse;
                    }
                }
            };
        }
    }

    /** The similarities of the classes to the concept that is nearest to the item. */
    record Nearest(FloatMatrix concepts, FloatMatrix classes) implements BlockRule {
        @Override
        public ItemBlocks.Step step(Arena arena, float[] scores) {
            FloatMatrix similarities = FloatMatrix.allocate(arena, ItemBlocks.ROWS, concepts.rows()); // [ROWS, M']
            return (block, start, size) -> {
                Products.timesTransposed(block, concepts, similarities);
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
