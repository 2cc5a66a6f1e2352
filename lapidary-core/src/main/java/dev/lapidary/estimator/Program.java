package dev.lapidary.estimator;

import org.bytedeco.pytorch.Tensor;

/**
 * A differentiable calculation with categorical choices in it, whose expected loss is to be minimised.
 *
 * <p>It may ask for several choices, one after the other, and later logits may depend on earlier choices. It must not change with the
 * number of calls, and must accept leading axes before the rows, since {@link ExactEnumeration} and evaluation hand out several choices
 * a row.
 */
@FunctionalInterface
public interface Program {
    /** Returns the loss [.., rows] under choices; leading axes are those of the choices. */
    Tensor loss(Choices choices);
}
