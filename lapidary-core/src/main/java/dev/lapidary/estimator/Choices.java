package dev.lapidary.estimator;

import org.bytedeco.pytorch.Tensor;

/** Makes the categorical choices of a {@link Program}. */
@FunctionalInterface
public interface Choices {
    /**
     * Returns a choice of each variable, one-hot or relaxed.
     *
     * @param logits [.., rows, variables, classes], any finite numbers; leading axes are those that an earlier choice returned
     * @return the logits' shape and type, after further leading axes where the choices are several a row; sums to 1 along the last axis
     */
    Tensor choose(Tensor logits);
}
