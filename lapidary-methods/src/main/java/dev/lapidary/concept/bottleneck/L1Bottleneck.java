package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.kernel.BottleneckLoss;

/**
 * l1-CBM: a bottleneck layer with an l1 penalty.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class L1Bottleneck implements BottleneckMethod {
    private static final double LAMBDA = 1e-3; // published

    @Override
    public String id() {
        return "l1";
    }

    @Override
    public String summary() {
        return "an l1 penalty on the bottleneck layer";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return JointTraining.fit(id(), problem, loss(problem));
    }

    /** In the sound form the penalty is not divided by the number of concepts M. */
    private static BottleneckLoss loss(BottleneckProblem problem) {
        return new BottleneckLoss.L1(problem.faithful() ? LAMBDA : LAMBDA * problem.concepts());
    }
}
