package dev.lapidary.concept.audit;

import dev.lapidary.data.UnitVector;
import java.util.ArrayList;
import java.util.List;

/**
 * The span of some vectors, and what of an embedding lies outside it.
 *
 * <p>An orthonormal basis [r, d] by modified Gram-Schmidt, done twice per vector; what remains of a vector below {@value #DEPENDENT} of
 * its length counts as dependent on those before (vectors are float32).
 */
final class ConceptSpan {
    private static final double DEPENDENT = 1e-5;

    private final List<double[]> basis = new ArrayList<>(); // [r, d]

    ConceptSpan(List<float[]> vectors) {
        for (float[] vector : vectors) {
            double[] rest = unit(vector);
            remove(rest);
            remove(rest);
            double length = Math.sqrt(dot(rest, rest));
            if (length > DEPENDENT) {
                for (int j = 0; j < rest.length; j++) {
                    rest[j] /= length;
                }
                basis.add(rest);
            }
        }
    }

    /** Dimensions of the span, r. */
    int rank() {
        return basis.size();
    }

    /** The part of the unit embedding that no combination of the vectors reaches, [d]. */
    float[] residual(float[] embedding) {
        double[] rest = unit(embedding);
        remove(rest);
        float[] residual = new float[rest.length];
        for (int j = 0; j < rest.length; j++) {
            residual[j] = (float) rest[j];
        }
        return residual;
    }

    private void remove(double[] from) {
        for (double[] b : basis) {
            double along = dot(b, from);
            for (int j = 0; j < from.length; j++) {
                from[j] -= along * b[j];
            }
        }
    }

    private static double[] unit(float[] vector) {
        double[] unit = new double[vector.length];
        double inverse = UnitVector.inverseLength(vector);
        for (int j = 0; j < unit.length; j++) {
            unit[j] = vector[j] * inverse;
        }
        return unit;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }
}
