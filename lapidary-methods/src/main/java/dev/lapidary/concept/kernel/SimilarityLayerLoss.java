package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;
import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The vector form of {@link BottleneckLoss.Similarity}. Columns are centred and brought to length 1, which changes no
 * cosine and keeps cubes in range: with s and v such columns (cubed where asked) of lengths a and b, the gradient of the
 * cosine is s / (a b) − v cos / b², times 3 c² where cubed, centred, over the length of the raw column.
 */
final class SimilarityLayerLoss implements LayerLoss {
    private static final int VECTOR = 4 * Lanes.FLOAT.length();
    private static final float CONSTANT = 1e-12f; // centred squares over squares that rounding alone can leave

    private final boolean cubed;
    private final long cosines; // [P][32]

    SimilarityLayerLoss(BottleneckMemory memory, boolean cubed) {
        this.cubed = cubed;
        cosines = memory.allocate((long) ROW * memory.panels).address();
    }

    @Override
    public void before(BottleneckMemory memory, int panel) {
        int rows = memory.rows;
        long s = memory.activation(memory.noisy[0], panel);
        long c = memory.activation(memory.noisy[1], panel);
        long out = memory.activation(memory.gradient, panel);
        long cosine = cosines + (long) panel * ROW;
        for (int o = 0; o < ROW; o += VECTOR) {
            long from = memory.scores.address() + (long) panel * WIDTH * 4 + o;
            unit(from, memory.scores.row(), rows, s + o);
            FloatVector inverse = unit(memory.activation(memory.c, panel) + o, ROW, rows, c + o);
            store(gradient(s + o, c + o, rows, out + o, inverse.div(-memory.settings.concepts())), cosine + o);
        }
    }

    /** Writes the columns centred and of length 1, or 0 where they are constant; returns one over the raw lengths, or 0. */
    private static FloatVector unit(long from, long stride, int rows, long to) {
        FloatVector sum = FloatVector.zero(Lanes.FLOAT);
        FloatVector raw = sum;
        for (int b = 0; b < rows; b++) {
            FloatVector v = load(from + b * stride);
            sum = sum.add(v);
            raw = v.fma(v, raw);
        }
        FloatVector mean = sum.div(rows);
        FloatVector squares = FloatVector.zero(Lanes.FLOAT);
        for (int b = 0; b < rows; b++) {
            FloatVector v = load(from + b * stride).sub(mean);
            squares = v.fma(v, squares);
            store(v, to + (long) b * ROW);
        }
        FloatVector length = squares.sqrt();
        FloatVector inverse =
                Lanes.broadcast(1f).div(length).blend(0f, squares.compare(VectorOperators.LE, raw.mul(CONSTANT)));
        for (long at = to, end = to + (long) rows * ROW; at < end; at += ROW) {
            store(load(at).mul(inverse), at);
        }
        return inverse;
    }

    private FloatVector gradient(long s, long c, int rows, long out, FloatVector factor) {
        FloatVector aa = FloatVector.zero(Lanes.FLOAT);
        FloatVector bb = aa;
        FloatVector ab = aa;
        for (long at = 0, end = (long) rows * ROW; at < end; at += ROW) {
            FloatVector u = power(load(s + at));
            FloatVector v = power(load(c + at));
            aa = u.fma(u, aa);
            bb = v.fma(v, bb);
            ab = u.fma(v, ab);
        }
        FloatVector lengths = aa.mul(bb).sqrt();
        FloatVector some = FloatVector.zero(Lanes.FLOAT).blend(1f, lengths.compare(VectorOperators.GT, 0f));
        FloatVector inverse = some.div(lengths.add(Lanes.broadcast(1f).sub(some)));
        FloatVector cosine = ab.mul(inverse);
        FloatVector ofC = cosine.mul(some).div(bb.add(Lanes.broadcast(1f).sub(some)));
        FloatVector total = FloatVector.zero(Lanes.FLOAT);
        for (long at = 0, end = (long) rows * ROW; at < end; at += ROW) {
            FloatVector own = load(c + at);
            FloatVector g = power(load(s + at)).mul(inverse).sub(power(own).mul(ofC));
            g = cubed ? g.mul(own).mul(own).mul(3f) : g;
            total = total.add(g);
            store(g, out + at);
        }
        FloatVector mean = total.div(rows);
        for (long at = 0, end = (long) rows * ROW; at < end; at += ROW) {
            store(load(out + at).sub(mean).mul(factor), out + at);
        }
        return cosine;
    }

    private FloatVector power(FloatVector x) {
        return cubed ? x.mul(x).mul(x) : x;
    }

    @Override
    public void join(BottleneckMemory memory, int worker) {}

    @Override
    public void after(BottleneckMemory memory, int panel, int worker) {}

    @Override
    public double value(BottleneckMemory memory) {
        double sum = 0;
        for (int m = 0; m < memory.settings.concepts(); m++) {
            sum += RawMemory.get(cosines + 4L * m);
        }
        return -sum / memory.settings.concepts();
    }
}
