package dev.lapidary.sparsity.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;
import static dev.lapidary.sparsity.kernel.MaskSampleLanes.PER_ROW;
import static dev.lapidary.sparsity.kernel.MaskSampleLanes.VECTOR;
import static dev.lapidary.sparsity.kernel.MaskScratch.ROW;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.VectorFloats;
import dev.lapidary.sparsity.kernel.MaskPasses.AdamConstants;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Passes over the rows of any N:M, {@link ScalarMaskPasses} lane by lane. */
final class MaskRowLanes {
    private MaskRowLanes() {}

    /** Replaces scores by how far they are below the largest of their group. */
    static void belowLargest(long scores, int patterns, int blocks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = scores + (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector largest = load(at);
            for (int i = 1; i < patterns; i++) {
                largest = VectorFloats.larger(largest, load(at + (long) i * ROW));
            }
            for (int i = 0; i < patterns; i++) {
                store(largest.sub(load(at + (long) i * ROW)), at + (long) i * ROW);
            }
        }
    }

    /** Writes 1 over the sum of each group. */
    static void inverses(long chances, int patterns, int blocks, long inverses) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = chances + (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector sum = load(at);
            for (int i = 1; i < patterns; i++) {
                sum = sum.add(load(at + (long) i * ROW));
            }
            store(Lanes.broadcast(1f).div(sum), inverses + (long) v * VECTOR);
        }
    }

    /** Writes the one-hot choice of the first largest. */
    static void harden(long chances, long hard, int patterns, int blocks) {
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector open = Lanes.broadcast(1f); // 1 where no choice was met yet
            for (int i = 0; i < patterns; i++) {
                VectorMask<Float> chosen =
                        load(chances + offset + (long) i * ROW).compare(VectorOperators.EQ, 1f);
                FloatVector choice = zero.blend(open, chosen);
                store(choice, hard + offset + (long) i * ROW);
                open = open.sub(choice);
            }
        }
    }

    /** Writes the masks: each column's sum of the chances that keep it, times the inverse. */
    static void masks(MaskScratch s, long chances, long inverses, int blocks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long from = chances + (long) (v / PER_ROW) * s.patterns * ROW + v % PER_ROW * VECTOR;
            long to = s.masks + (long) (v / PER_ROW) * s.columns * ROW + v % PER_ROW * VECTOR;
            FloatVector inverse = load(inverses + (long) v * VECTOR);
            for (int k = 0; k < s.columns; k++) {
                int[] keeping = s.keeping[k];
                FloatVector sum = load(from + (long) keeping[0] * ROW);
                for (int i = 1; i < keeping.length; i++) {
                    sum = sum.add(load(from + (long) keeping[i] * ROW));
                }
                store(sum.mul(inverse), to + (long) k * ROW);
            }
        }
    }

    /** Writes weights times masks. */
    static void apply(long masks, int columns, int blocks, long weights, long out) {
        for (int block = 0; block < blocks; block++) {
            for (int group = 0; group < MaskState.BLOCK; group++) {
                long mask = masks + (long) block * columns * ROW + 4L * MaskScratch.position(group);
                long at = 4L * (block * MaskState.BLOCK + group) * columns;
                for (int k = 0; k < columns; k++) {
                    float weight = RawMemory.get(weights + at + 4L * k);
                    RawMemory.set(out + at + 4L * k, weight * RawMemory.get(mask + (long) k * ROW));
                }
            }
        }
    }

    /** Writes the products of weights and the gradients of masked weights, one row per column. */
    static void sides(long weights, long upstream, int columns, int blocks, long sides) {
        for (int block = 0; block < blocks; block++) {
            for (int group = 0; group < MaskState.BLOCK; group++) {
                long side = sides + (long) block * columns * ROW + 4L * MaskScratch.position(group);
                long at = 4L * (block * MaskState.BLOCK + group) * columns;
                for (int k = 0; k < columns; k++) {
                    float product = RawMemory.get(weights + at + 4L * k) * RawMemory.get(upstream + at + 4L * k);
                    RawMemory.set(side + (long) k * ROW, product);
                }
            }
        }
    }

    /** Writes the weights, one row per column. */
    static void rows(long weights, int columns, int blocks, long rows) {
        for (int block = 0; block < blocks; block++) {
            for (int group = 0; group < MaskState.BLOCK; group++) {
                long row = rows + (long) block * columns * ROW + 4L * MaskScratch.position(group);
                long at = weights + 4L * (block * MaskState.BLOCK + group) * columns;
                for (int k = 0; k < columns; k++) {
                    RawMemory.set(row + (long) k * ROW, RawMemory.get(at + 4L * k));
                }
            }
        }
    }

    /** Takes reward·weight²·mask from the sides, row by row. */
    static void reward(long masks, long weightRows, int count, float reward, long sides) {
        FloatVector minus = Lanes.broadcast(-reward);
        for (int i = 0; i < count * ROW; i += VECTOR) {
            FloatVector weight = load(weightRows + i);
            store(weight.mul(weight).mul(load(masks + i)).fma(minus, load(sides + i)), sides + i);
        }
    }

    /** Writes each pattern's sum of the sides it keeps. */
    static void sums(MaskScratch s, int blocks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long lane = v % PER_ROW * VECTOR;
            long sides = s.sides + (long) (v / PER_ROW) * s.columns * ROW + lane;
            long sums = s.gradients + (long) (v / PER_ROW) * s.patterns * ROW + lane;
            for (int i = 0; i < s.patterns; i++) {
                int[] kept = s.kept[i];
                FloatVector sum = load(sides + (long) kept[0] * ROW);
                for (int k = 1; k < kept.length; k++) {
                    sum = sum.add(load(sides + (long) kept[k] * ROW));
                }
                store(sum, sums + (long) i * ROW);
            }
        }
    }

    /** Writes the sum of the likeliest pattern. */
    static void likeliest(long chances, long sums, int patterns, int blocks, long out) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector best = load(sums + offset);
            for (int i = 1; i < patterns; i++) {
                long at = offset + (long) i * ROW;
                best = best.blend(load(sums + at), load(chances + at).compare(VectorOperators.EQ, 1f));
            }
            store(best, out + (long) v * VECTOR);
        }
    }

    /** Makes sums relative to that of the likeliest pattern and writes their mean. */
    static void centre(long chances, long sums, int patterns, int blocks, long likeliest, long inverses) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector centre = load(likeliest + (long) v * VECTOR);
            FloatVector mean = FloatVector.zero(Lanes.FLOAT);
            for (int i = 0; i < patterns; i++) {
                long at = offset + (long) i * ROW;
                FloatVector sum = load(sums + at).sub(centre);
                store(sum, sums + at);
                mean = load(chances + at).fma(sum, mean);
            }
            store(mean.mul(load(inverses + (long) v * VECTOR)), likeliest + (long) v * VECTOR);
        }
    }

    /** Turns sums into gradients. */
    static void scale(long chances, long inverses, long means, int patterns, int blocks, float factor, long gradients) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * patterns * ROW + v % PER_ROW * VECTOR;
            FloatVector mean = load(means + (long) v * VECTOR);
            FloatVector scale = load(inverses + (long) v * VECTOR).mul(factor);
            for (int i = 0; i < patterns; i++) {
                long at = offset + (long) i * ROW;
                store(load(chances + at).mul(scale).mul(load(gradients + at).sub(mean)), gradients + at);
            }
        }
    }

    /** Returns the sum of squares of rows: by position and parity of the row first. */
    static double squares(long rows, int count, long sums) {
        for (int lane = 0; lane < ROW; lane += VECTOR) {
            FloatVector even = FloatVector.zero(Lanes.FLOAT);
            FloatVector odd = even;
            int row = 0;
            for (; row + 1 < count; row += 2) {
                FloatVector a = load(rows + (long) row * ROW + lane);
                FloatVector b = load(rows + (long) row * ROW + ROW + lane);
                even = a.fma(a, even);
                odd = b.fma(b, odd);
            }
            if (row < count) {
                FloatVector a = load(rows + (long) row * ROW + lane);
                even = a.fma(a, even);
            }
            store(even.add(odd), sums + lane);
        }
        return inOrder(sums);
    }

    /** Returns the sum of a row. */
    static double inOrder(long row) {
        double total = 0;
        for (int lane = 0; lane < ROW; lane += 4) {
            total += RawMemory.get(row + lane);
        }
        return total;
    }

    /** AdamW. */
    static void update(long gradients, int rows, long logits, long first, long second, AdamConstants c) {
        FloatVector oneMinusBeta1 = Lanes.broadcast(c.oneMinusBeta1());
        FloatVector oneMinusBeta2 = Lanes.broadcast(c.oneMinusBeta2());
        FloatVector root = Lanes.broadcast(c.root());
        FloatVector epsilon = Lanes.broadcast(c.epsilon());
        FloatVector minusRate = Lanes.broadcast(-c.rate());
        FloatVector keep = Lanes.broadcast(c.keep());
        for (int i = 0; i < rows * ROW; i += VECTOR) {
            FloatVector gradient = load(gradients + i);
            FloatVector mean = load(first + i);
            mean = gradient.sub(mean).fma(oneMinusBeta1, mean);
            FloatVector square = load(second + i);
            square = gradient.mul(gradient).sub(square).fma(oneMinusBeta2, square);
            store(mean, first + i);
            store(square, second + i);
            FloatVector divisor = square.sqrt().fma(root, epsilon);
            store(mean.div(divisor).fma(minusRate, load(logits + i).mul(keep)), logits + i);
        }
    }
}
