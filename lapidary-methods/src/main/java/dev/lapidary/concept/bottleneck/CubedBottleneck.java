package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.kernel.BottleneckLoss;

/**
 * A bottleneck layer whose cubed scores stay similar to the cubed concept scores, after LF-CBM.
 *
 * @see <a href="https://arxiv.org/abs/2304.06129">Oikarinen et al., Label-free Concept Bottleneck Models, ICLR 2023</a>
 */
public final class CubedBottleneck implements BottleneckMethod {
    @Override
    public String id() {
        return "cubed";
    }

    @Override
    public String summary() {
        return "the same cosine loss on cubed scores";
    }

    @Override
    public boolean published() {
        return true;
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return JointTraining.fit(id(), problem, new BottleneckLoss.Similarity(true));
    }
}
