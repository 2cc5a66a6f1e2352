package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.torch.TorchScope;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How far the gradients of a filtered loss are from the exact ones, as a share of what the threshold allows.
 *
 * <p>What is skipped of row t has mass m(t) ≤ 1, every element of it below ε. So a coordinate of the hidden gradient changes by at most
 * m(t) · max |W| / n, and one of the output weight's by less than ε · Σ |h(t)| / n over the tokens t, coordinate by coordinate.
 *
 * @param hiddenShare of the bound, the largest over all coordinates
 * @param weightShare of the bound, the largest over all coordinates
 * @param hiddenCosine between the hidden gradients
 */
record FilterBound(double hiddenShare, double weightShare, double hiddenCosine) {
    /** Compares in float64. */
    static FilterBound of(HeadProblem problem, CutCrossEntropy.Result filtered, double threshold) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor hidden = problem.hidden().to(torch.ScalarType.Double);
            Tensor weight = problem.weight().to(torch.ScalarType.Double);
            var exact = CutCrossEntropy.lossAndGradients(hidden, weight, problem.targets(), true);
            Tensor forHidden = filtered.hiddenGradient().to(torch.ScalarType.Double);
            Tensor forWeight =
                    Objects.requireNonNull(filtered.weightGradient()).to(torch.ScalarType.Double);
            double n = hidden.size(0);
            Tensor ofHidden = skippedMass(hidden, weight, problem.targets(), threshold)
                    .mul(weight.abs().max())
                    .div(new Scalar(n)); // [n, 1]
            Tensor ofWeight = hidden.abs().mean(0L).mul(new Scalar(threshold)); // [width]
            return new FilterBound(
                    largest(forHidden.sub(exact.hiddenGradient()), ofHidden),
                    largest(forWeight.sub(Objects.requireNonNull(exact.weightGradient())), ofWeight),
                    cosine(forHidden, exact.hiddenGradient()));
        }
    }

    /** Returns Σ P over what is below the threshold, but for the target [n, 1]. */
    private static Tensor skippedMass(Tensor hidden, Tensor weight, Tensor targets, double threshold) {
        Tensor p = torch.linear(hidden, weight).softmax(1); // [n, vocabulary]
        p.scatter_(1, targets.unsqueeze(1), new Scalar(0.0));
        return p.mul(p.lt(new Scalar(threshold))).sum(1).unsqueeze(1);
    }

    private static double largest(Tensor difference, Tensor bound) {
        return difference.abs().div(bound.add(new Scalar(1e-12))).max().item_double();
    }

    private static double cosine(Tensor a, Tensor b) {
        return a.mul(b).sum().item_double()
                / Math.sqrt(a.square().sum().item_double() * b.square().sum().item_double());
    }
}
