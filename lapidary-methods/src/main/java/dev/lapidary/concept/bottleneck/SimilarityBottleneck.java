package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.kernel.BottleneckLoss;

/**
 * A bottleneck layer whose scores stay similar to the concept scores.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class SimilarityBottleneck implements BottleneckMethod {
    @Override
    public String id() {
        return "similarity";
    }

    @Override
    public String summary() {
        return "a cosine loss that keeps bottleneck scores similar to concept scores";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return JointTraining.fit(id(), problem, new BottleneckLoss.Similarity(false));
    }
}
