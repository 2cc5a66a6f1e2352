package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.kernel.BottleneckLoss;

/**
 * Sparse-CBM: a bottleneck layer with the Gumbel loss.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class SparseBottleneck implements BottleneckMethod {
    private static final double TEMPERATURE = 1; // published

    @Override
    public String id() {
        return "sparse";
    }

    @Override
    public String summary() {
        return "the Gumbel loss of Sparse-CBM on the bottleneck layer";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return JointTraining.fit(id(), problem, new BottleneckLoss.Gumbel(TEMPERATURE));
    }
}
