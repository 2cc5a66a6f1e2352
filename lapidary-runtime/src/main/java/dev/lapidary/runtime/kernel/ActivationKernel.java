package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The nonlinearities of an MLP over n floats in place, alone or as a gate; about 2 units in the last place of float32, GELU
 * within 2e-7·|x|.
 */
public enum ActivationKernel {
    /** x·sigmoid(x). */
    SILU,
    /** x·Φ(x), with erf by Abramowitz and Stegun's formula 7.1.26. */
    GELU,
    /** x·sigmoid(2u) with u = √(2/π)·(x + 0.044715·x³): GELU by its tanh approximation. */
    GELU_TANH,
    /** max(x, 0). */
    RELU;

    /** The steepest exponent that {@link VectorFloats#exp} takes. */
    static final float STEEPEST = 88f;

    static final float TWICE_ROOT_2_BY_PI = (float) (2 * Math.sqrt(2 / Math.PI));
    static final float CUBIC = 0.044715f;
    static final float ROOT_HALF = (float) Math.sqrt(0.5);
    static final float ERF_P = 0.3275911f;
    static final float ERF_1 = 0.254829592f;
    static final float ERF_2 = -0.284496736f;
    static final float ERF_3 = 1.421413741f;
    static final float ERF_4 = -1.453152027f;
    static final float ERF_5 = 1.061405429f;

    /** Replaces each x by its activation. */
    public void apply(MemorySegment x, long n) {
        long at = DecoderKernels.address(x, 0, n);
        if (Simd.on()) {
            ActivationLanes.apply(this, at, n);
        } else {
            scalars(at, 0, n);
        }
    }

    /** Replaces each gate by its activation times up: SwiGLU where the activation is SiLU. */
    public void gate(MemorySegment gate, MemorySegment up, long n) {
        apply(gate, n);
        long to = DecoderKernels.address(gate, 0, n);
        long by = DecoderKernels.address(up, 0, n);
        if (Simd.on()) {
            ActivationLanes.multiply(to, by, n);
        } else {
            multiply(to, by, 0, n);
        }
    }

    static void multiply(long x, long y, long from, long n) {
        for (long i = 4 * from; i < 4 * n; i += 4) {
            RawMemory.set(x + i, RawMemory.get(x + i) * RawMemory.get(y + i));
        }
    }

    void scalars(long x, long from, long n) {
        for (long i = 4 * from; i < 4 * n; i += 4) {
            RawMemory.set(x + i, of(RawMemory.get(x + i)));
        }
    }

    /** Returns the activation of one number. */
    float of(float x) {
        return switch (this) {
            case SILU -> (float) (x / (1 + Math.exp(-x)));
            case GELU -> x * 0.5f * (1 + erf(x * ROOT_HALF));
            case GELU_TANH -> (float) (x / (1 + Math.exp(-TWICE_ROOT_2_BY_PI * (x + CUBIC * x * x * x))));
            case RELU -> Math.max(x, 0);
        };
    }

    private static float erf(float x) {
        double z = Math.abs(x);
        double t = 1 / (1 + ERF_P * z);
        double sum = ((((ERF_5 * t + ERF_4) * t + ERF_3) * t + ERF_2) * t + ERF_1) * t;
        return (float) Math.copySign(1 - sum * Math.exp(-z * z), x);
    }
}
