package dev.lapidary.systems.weights;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.systems.language.ChainProblems;
import dev.lapidary.systems.language.LanguageProblems;
import dev.lapidary.systems.language.SourceProblems;
import dev.lapidary.trial.Trial;
import java.util.List;

/**
 * MaskLLM: learned 2:4 masks on a frozen language model.
 *
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a>
 */
public final class MaskLlmSystem implements PublishedSystem {
    private static final int ROW = 2;
    private static final int SEEDS = 3; // as the row asks for

    @Override
    public int row() {
        return ROW;
    }

    @Override
    public int seeds() {
        return SEEDS;
    }

    @Override
    public List<Identity> identities() {
        return MaskIdentities.all();
    }

    @Override
    public List<Trial<?>> trials(Size size, Progress preparing) {
        return size == Size.QUICK
                ? trials(
                        new ChainProblems(30),
                        new MaskMethods(8, List.of(8e-3), List.of(0.01, 0.1), List.of(32)),
                        List.of(0L, 5L, 10L))
                : trials(
                        SourceProblems.standard(),
                        new MaskMethods(
                                16, List.of(5e-4, 2e-3, 8e-3), List.of(0.001, 0.01, 0.1), List.of(32, 128, 512)),
                        List.of(0L, 50L, 100L, 200L));
    }

    private static List<Trial<?>> trials(LanguageProblems problems, MaskMethods methods, List<Long> budgets) {
        MaskBench bench = new MaskBench(problems, methods, budgets.getLast());
        return List.of(new LearnedMaskTrial(bench), new TransferTrial(bench, budgets), new DomainTrial(bench));
    }
}
