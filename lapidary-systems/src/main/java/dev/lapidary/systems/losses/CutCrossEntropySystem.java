package dev.lapidary.systems.losses;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.systems.language.JavaSources;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Cut cross-entropy with its filter of negligible gradients.
 *
 * @see <a href="https://arxiv.org/abs/2411.09009">Wijmans et al., Cut Your Losses in Large-Vocabulary Language Models, ICLR
 *     2025</a>
 */
public final class CutCrossEntropySystem implements PublishedSystem {
    private static final int ROW = 49;
    private static final double PRETRAINING_RATE = 4e-3;
    private static final double FINE_TUNING_RATE = 1e-3;
    private static final int VOCABULARY = 4096;
    private static final long BYTES = 1_000_000;
    private static final long TEST_BYTES = 100_000;

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
        return trials(
                new HeadTrial(new HeadProblem.Sizes(256, 8192, 32), 32, 1),
                new CurveTraining(6, PRETRAINING_RATE, 4, 16, 16, 1, 2),
                new CurveTraining(4, FINE_TUNING_RATE, 4, 16, 16, 1, 2),
                seed -> CurveProblem.generated(300, 1000, seed),
                Map.of("texts", "generated"));
    }

    private static List<Trial<?>> full() {
        return trials(
                new HeadTrial(new HeadProblem.Sizes(8192, 32_000, 128), 512, 3),
                new CurveTraining(160, PRETRAINING_RATE, 16, 64, 64, 2, 5),
                new CurveTraining(100, FINE_TUNING_RATE, 16, 64, 64, 2, 5),
                seed -> CurveProblem.ofSources(VOCABULARY, BYTES, TEST_BYTES, seed),
                texts());
    }

    private static Map<String, Object> texts() {
        try (JavaSources sources = JavaSources.open()) {
            return Map.of(
                    "sources", sources.digest(),
                    "domain", CurveProblem.DOMAIN,
                    "vocabulary", VOCABULARY,
                    "trainingBytes", BYTES,
                    "testBytes", TEST_BYTES);
        }
    }

    private static List<Trial<?>> trials(
            HeadTrial head,
            CurveTraining pretraining,
            CurveTraining fineTuning,
            LongFunction<CurveProblem> problems,
            Map<String, Object> texts) {
        return List.of(
                head,
                new CurveTrial(CurveTrial.Stage.PRETRAINING, pretraining, fineTuning, problems, texts),
                new CurveTrial(CurveTrial.Stage.FINE_TUNING, pretraining, fineTuning, problems, texts));
    }
}
