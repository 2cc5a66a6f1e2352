package dev.lapidary.torch.check;

/**
 * How far an operation was from its formula in a number of cases.
 *
 * @param cases how many shapes were computed
 * @param wrong how many of them were outside their tolerance
 * @param error the largest error, as a share of its tolerance the largest: absolute, infinite for a NaN or a failure
 * @param tolerance the tolerance of that error: what the roundings of the arithmetic can add up to
 * @param where the case and the output or gradient that this error is in, or the failure
 */
public record Finding(int cases, int wrong, double error, double tolerance, String where) {
    /** Whether every case was within its tolerance. */
    public boolean right() {
        return wrong == 0;
    }
}
