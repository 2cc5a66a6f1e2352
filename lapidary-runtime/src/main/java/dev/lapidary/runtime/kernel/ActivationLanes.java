package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link ActivationKernel}; loaded only where {@link Simd#on()}. */
final class ActivationLanes {
    private static final int WIDTH = Lanes.FLOAT.length();

    private ActivationLanes() {}

    static void apply(ActivationKernel kind, long x, long n) {
        long done = n / WIDTH * WIDTH;
        switch (kind) {
            case SILU -> silu(x, done);
            case GELU -> gelu(x, done);
            case GELU_TANH -> geluTanh(x, done);
            case RELU -> relu(x, done);
        }
        kind.scalars(x, done, n);
    }

    private static void silu(long x, long n) {
        for (long i = 0; i < n; i += WIDTH) {
            FloatVector v = load(x + 4 * i);
            store(v.div(onePlusExp(v.neg())), x + 4 * i);
        }
    }

    private static void geluTanh(long x, long n) {
        for (long i = 0; i < n; i += WIDTH) {
            FloatVector v = load(x + 4 * i);
            FloatVector cube = v.mul(v).mul(v).mul(ActivationKernel.CUBIC);
            FloatVector u = v.add(cube).mul(-ActivationKernel.TWICE_ROOT_2_BY_PI);
            store(v.div(onePlusExp(u)), x + 4 * i);
        }
    }

    private static FloatVector onePlusExp(FloatVector v) {
        return VectorFloats.exp(v.min(ActivationKernel.STEEPEST)).add(1f);
    }

    private static void gelu(long x, long n) {
        for (long i = 0; i < n; i += WIDTH) {
            FloatVector v = load(x + 4 * i);
            store(v.mul(0.5f).mul(erf(v.mul(ActivationKernel.ROOT_HALF)).add(1f)), x + 4 * i);
        }
    }

    private static FloatVector erf(FloatVector x) {
        FloatVector z = x.abs();
        FloatVector one = Lanes.broadcast(1f);
        FloatVector t = one.div(z.mul(ActivationKernel.ERF_P).add(1f));
        FloatVector sum = Lanes.broadcast(ActivationKernel.ERF_5)
                .fma(t, Lanes.broadcast(ActivationKernel.ERF_4))
                .fma(t, Lanes.broadcast(ActivationKernel.ERF_3))
                .fma(t, Lanes.broadcast(ActivationKernel.ERF_2))
                .fma(t, Lanes.broadcast(ActivationKernel.ERF_1))
                .mul(t);
        FloatVector whole = one.sub(sum.mul(VectorFloats.exp(z.mul(z).neg())));
        return whole.blend(whole.neg(), x.compare(VectorOperators.LT, 0f));
    }

    private static void relu(long x, long n) {
        for (long i = 0; i < n; i += WIDTH) {
            store(load(x + 4 * i).max(0f), x + 4 * i);
        }
    }

    static void multiply(long x, long y, long n) {
        long i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            store(load(x + 4 * i).mul(load(y + 4 * i)), x + 4 * i);
        }
        ActivationKernel.multiply(x, y, i, n);
    }
}
