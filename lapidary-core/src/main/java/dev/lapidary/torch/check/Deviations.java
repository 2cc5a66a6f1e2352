package dev.lapidary.torch.check;

/** Collects how far the cases of one operation are from what they should be. */
final class Deviations {
    private int cases;
    private int wrong;
    private boolean wrongCase;
    private String shape = "";
    private double worst = -1; // error over tolerance
    private double error;
    private double tolerance;
    private String where = "";

    /** Begins a case. */
    void begin(String newShape) {
        cases++;
        shape = newShape;
        wrongCase = false;
    }

    /** Compares one output or gradient, each number with its own tolerance. */
    void compare(String part, double[] actual, double[] expected, double[] tolerances) {
        if (actual.length != expected.length) {
            fail(part + " must have " + expected.length + " numbers; got " + actual.length);
            return;
        }
        for (int i = 0; i < actual.length; i++) {
            bound(part, Math.abs(actual[i] - expected[i]), tolerances[i]);
        }
    }

    /** Notes an error that must not be above its tolerance. */
    void bound(String part, double found, double allowed) {
        double share = share(found, allowed);
        if (share > 1 && !wrongCase) {
            wrongCase = true;
            wrong++;
        }
        if (share > worst) {
            worst = share;
            error = Double.isNaN(found) ? Double.POSITIVE_INFINITY : found;
            tolerance = allowed;
            where = part + " of " + shape;
        }
    }

    private static double share(double found, double allowed) {
        if (Double.isNaN(found)) {
            return Double.POSITIVE_INFINITY;
        }
        return found == 0 ? 0 : found / allowed;
    }

    /** Notes that the case under way could not be computed. */
    void fail(String reason) {
        bound(reason, Double.POSITIVE_INFINITY, 0);
    }

    Finding finding() {
        return new Finding(cases, wrong, error, tolerance, where);
    }
}
