package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.kernel.BottleneckLoss;

/**
 * Contrastive-CBM: a bottleneck layer with a contrastive loss between items and concepts.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class ContrastiveBottleneck implements BottleneckMethod {
    @Override
    public String id() {
        return "contrastive";
    }

    @Override
    public String summary() {
        return "a contrastive loss between items and concepts";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return JointTraining.fit(id(), problem, new BottleneckLoss.Contrastive());
    }
}
