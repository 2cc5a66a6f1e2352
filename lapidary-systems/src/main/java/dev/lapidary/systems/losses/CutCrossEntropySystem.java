package dev.lapidary.systems.losses;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.systems.language.ChainProblems;
import dev.lapidary.systems.language.LanguageProblems;
import dev.lapidary.systems.language.SourceProblems;
import dev.lapidary.systems.losses.CurveTrial.Stage;
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
    private static final double PRETRAINING_RATE = 2e-3; // of the source model
    private static final double FINE_TUNING_RATE =
            3e-4; // of 3e-4, 1e-3 and 3e-3 the best with the ordinary loss on seed 0

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
        LanguageProblems problems = new ChainProblems(1);
        return List.of(
                new HeadTrial(new HeadProblem.Sizes(256, 8192, 32), 32, 1),
                new CurveTrial(Stage.PRETRAINING, new CurveTraining(6, PRETRAINING_RATE, 4, 2), problems),
                new CurveTrial(Stage.FINE_TUNING, new CurveTraining(4, FINE_TUNING_RATE, 4, 2), problems));
    }

    private static List<Trial<?>> full() {
        LanguageProblems problems = SourceProblems.standard();
        return List.of(
                new HeadTrial(new HeadProblem.Sizes(8192, 32_000, 128), 512, 3),
                new CurveTrial(Stage.PRETRAINING, new CurveTraining(120, PRETRAINING_RATE, 16, 5), problems),
                new CurveTrial(Stage.FINE_TUNING, new CurveTraining(60, FINE_TUNING_RATE, 16, 5), problems));
    }
}
