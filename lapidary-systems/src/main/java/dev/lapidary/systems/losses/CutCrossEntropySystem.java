package dev.lapidary.systems.losses;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.trial.Trial;
import java.util.List;

/**
 * Cut cross-entropy with its filter of negligible gradients.
 *
 * @see <a href="https://arxiv.org/abs/2411.09009">Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, ICLR
 *     2025</a>
 */
public final class CutCrossEntropySystem implements PublishedSystem {
    private static final int ROW = 49;

    @Override
    public int row() {
        return ROW;
    }

    @Override
    public List<Identity> identities() {
        return LossIdentities.all();
    }

    @Override
    public List<Trial<?>> trials(Size size, Progress preparing) {
        return size == Size.QUICK ? quick() : full();
    }

    private static List<Trial<?>> quick() {
        return List.of(
                new HeadTrial(new HeadProblem.Sizes(256, 8192, 32), 32, 1),
                new CurveTrial(
                        new CurveTraining(6, 4, 16, 16, 1, 2),
                        seed -> CurveProblem.generated(300, 1000, seed),
                        "generated"));
    }

    private static List<Trial<?>> full() {
        return List.of(
                new HeadTrial(new HeadProblem.Sizes(8192, 32_000, 128), 512, 3),
                new CurveTrial(
                        new CurveTraining(200, 16, 64, 64, 2, 5),
                        seed -> CurveProblem.ofSources(8192, 1_000_000, 100_000, seed),
                        "Java sources, 1,000,000 and 100,000 bytes, 8,192 tokens"));
    }
}
