package dev.lapidary.kernel;

import static dev.lapidary.runtime.kernel.VectorFloats.LANES;
import static dev.lapidary.runtime.kernel.VectorFloats.SPECIES;

import dev.lapidary.runtime.kernel.VectorFloats;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The Vector API body: a tile of four rows by two classes is eight accumulators, six loads for eight products, which both
 * AVX2's and AVX-512's registers hold.
 */
final class VectorSoftmaxBlock implements SoftmaxBlock {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void products(RowBlock block, int row, float[] weights, int k) {
        MemorySegment x = block.rows;
        long r0 = block.offsets[row];
        long r1 = block.offsets[row + 1];
        long r2 = block.offsets[row + 2];
        long r3 = block.offsets[row + 3];
        int u0 = k * block.stride;
        int u1 = u0 + block.stride;
        int last = block.lastStart();
        int end = block.end();
        FloatVector a00 = FloatVector.zero(SPECIES);
        FloatVector a01 = a00;
        FloatVector a10 = a00;
        FloatVector a11 = a00;
        FloatVector a20 = a00;
        FloatVector a21 = a00;
        FloatVector a30 = a00;
        FloatVector a31 = a00;
        for (int j = 0; j < end; j += LANES) {
            long at = 4L * Math.min(j, last);
            FloatVector w0 = FloatVector.fromArray(SPECIES, weights, u0 + j);
            FloatVector w1 = FloatVector.fromArray(SPECIES, weights, u1 + j);
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, r0 + at, ORDER);
            a00 = v.fma(w0, a00);
            a01 = v.fma(w1, a01);
            v = FloatVector.fromMemorySegment(SPECIES, x, r1 + at, ORDER);
            a10 = v.fma(w0, a10);
            a11 = v.fma(w1, a11);
            v = FloatVector.fromMemorySegment(SPECIES, x, r2 + at, ORDER);
            a20 = v.fma(w0, a20);
            a21 = v.fma(w1, a21);
            v = FloatVector.fromMemorySegment(SPECIES, x, r3 + at, ORDER);
            a30 = v.fma(w0, a30);
            a31 = v.fma(w1, a31);
        }
        store(block.logits, k * block.size + row, a00, a10, a20, a30);
        store(block.logits, (k + 1) * block.size + row, a01, a11, a21, a31);
    }

    private static void store(float[] out, int at, FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
        out[at] = VectorFloats.sum(a);
        out[at + 1] = VectorFloats.sum(b);
        out[at + 2] = VectorFloats.sum(c);
        out[at + 3] = VectorFloats.sum(d);
    }

    @Override
    public void accumulate(RowBlock block, int row, int k) {
        MemorySegment x = block.rows;
        long r0 = block.offsets[row];
        long r1 = block.offsets[row + 1];
        long r2 = block.offsets[row + 2];
        long r3 = block.offsets[row + 3];
        int f0 = k * block.size + row;
        int f1 = f0 + block.size;
        FloatVector f00 = factor(block, f0);
        FloatVector f01 = factor(block, f1);
        FloatVector f10 = factor(block, f0 + 1);
        FloatVector f11 = factor(block, f1 + 1);
        FloatVector f20 = factor(block, f0 + 2);
        FloatVector f21 = factor(block, f1 + 2);
        FloatVector f30 = factor(block, f0 + 3);
        FloatVector f31 = factor(block, f1 + 3);
        float[] gradient = block.gradient;
        int g0 = k * block.stride;
        int g1 = g0 + block.stride;
        int last = block.lastStart();
        int end = block.end();
        for (int j = 0; j < end; j += LANES) {
            long at = 4L * Math.min(j, last);
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, r0 + at, ORDER);
            FloatVector a0 = v.fma(f00, FloatVector.fromArray(SPECIES, gradient, g0 + j));
            FloatVector a1 = v.fma(f01, FloatVector.fromArray(SPECIES, gradient, g1 + j));
            v = FloatVector.fromMemorySegment(SPECIES, x, r1 + at, ORDER);
            a0 = v.fma(f10, a0);
            a1 = v.fma(f11, a1);
            v = FloatVector.fromMemorySegment(SPECIES, x, r2 + at, ORDER);
            a0 = v.fma(f20, a0);
            a1 = v.fma(f21, a1);
            v = FloatVector.fromMemorySegment(SPECIES, x, r3 + at, ORDER);
            v.fma(f30, a0).intoArray(gradient, g0 + j);
            v.fma(f31, a1).intoArray(gradient, g1 + j);
        }
    }

    private static FloatVector factor(RowBlock block, int at) {
        return FloatVector.broadcast(SPECIES, block.logits[at]);
    }

    @Override
    public void softmax(RowBlock block, int classes) {
        for (int row = 0; row < block.size; row += LANES) {
            softmaxLanes(block, classes, row);
        }
    }

    private static void softmaxLanes(RowBlock block, int classes, int row) {
        float[] z = block.logits;
        int size = block.size;
        FloatVector largest = FloatVector.fromArray(SPECIES, z, row);
        for (int k = 1; k < classes; k++) {
            largest = largest.max(FloatVector.fromArray(SPECIES, z, k * size + row));
        }
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int k = 0; k < classes; k++) {
            FloatVector e = VectorFloats.exp(
                    FloatVector.fromArray(SPECIES, z, k * size + row).sub(largest));
            e.intoArray(z, k * size + row);
            sum = sum.add(e);
        }
        FloatVector inverse = FloatVector.broadcast(SPECIES, 1f).div(sum);
        for (int k = 0; k < classes; k++) {
            FloatVector.fromArray(SPECIES, z, k * size + row).mul(inverse).intoArray(z, k * size + row);
        }
        largest.intoArray(block.largest, row);
        sum.intoArray(block.sums, row);
    }
}
