package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Torch;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** What is predicted before memory is taken, and what is refused. */
class MemoryPlanTest {
    private static final long MEBI = 1 << 20;

    @Test
    void countsEveryPartOfTheState() {
        MaskLearningSettings settings = MaskLearningSettings.defaults();
        long weights = 2 * (4 * 16 * 16 + 3 * 16 * 64);
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(32, 16, 2, 2, 8), 1)) {
            var parts = MemoryPlan.of(model, settings).parts();
            assertThat(parts).containsEntry("masked weights", 4 * weights).containsEntry("gradients", 4 * weights);
            assertThat(parts).containsEntry("logits and moments", 18 * weights);
            assertThat(MemoryPlan.of(model, settings.withHard(false).withState(StateType.BF16))
                            .parts())
                    .containsEntry("logits and moments", 9 * weights);
        }
    }

    /** Three passes on two threads: the gradients of two are held apart, and two have activations at once. */
    @Test
    void countsPassesSideBySide() {
        int threads = Torch.threads();
        MaskLearningSettings settings = MaskLearningSettings.defaults()
                .withSteps(1).withBatch(3).withSeed(0)
                .withMicrobatch(1);
        long weights = 2 * (4 * 16 * 16 + 3 * 16 * 64);
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(32, 16, 2, 2, 8), 1)) {
            Torch.setThreads(1);
            var one = MemoryPlan.of(model, settings).parts();
            Torch.setThreads(2);
            var two = MemoryPlan.of(model, settings).parts();
            assertThat(one).containsEntry("gradients", 2 * 4 * weights);
            assertThat(two).containsEntry("gradients", 3 * 4 * weights);
            assertThat(two).containsEntry("activations", 2 * one.getOrDefault("activations", 0L));
        } finally {
            Torch.setThreads(threads);
        }
    }

    /** The heap is counted with what it may still grow by, whatever is committed of it now. */
    @Test
    void countsTheGrowthOfTheHeap() {
        MaskLearningSettings settings = MaskLearningSettings.defaults();
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(32, 16, 2, 2, 8), 1)) {
            long most = Runtime.getRuntime().maxMemory();
            long before = used();
            long growth = MemoryPlan.of(model, settings).parts().getOrDefault("heap growth", 0L);
            long used = Math.max(before, used()) + 64 * MEBI; // at most, while it was asked
            assertThat(growth).isBetween(Math.min(most, 1L << 30) - used, most);
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** What was given back before the learning is no memory that it needs, but the process had it. */
    @Test
    void anEarlierPeakIsTheProcessesAndNotTheLearnings() {
        SequencedMap<String, Long> parts = new LinkedHashMap<>();
        parts.put("process", 1000 * MEBI);
        MemoryPlan plan = new MemoryPlan(parts, 900 * MEBI, 100 * MEBI, 5000 * MEBI, StateType.F32, 4096);

        plan.require();
        assertThat(plan.predictedPeakBytes()).isEqualTo(5000 * MEBI);
    }

    @Test
    void refusesWhatCannotFitWithAdvice() {
        SequencedMap<String, Long> parts = new LinkedHashMap<>();
        parts.put("process", 100 * MEBI);
        parts.put("logits and moments", 900 * MEBI);
        MemoryPlan fits = new MemoryPlan(parts, 900 * MEBI, 100 * MEBI, 0, StateType.F32, 4096);
        MemoryPlan tooLarge = new MemoryPlan(parts, 899 * MEBI, 100 * MEBI, 0, StateType.F32, 4096);

        fits.require();
        assertThat(fits.predictedPeakBytes()).isEqualTo(1000 * MEBI);
        assertThatThrownBy(tooLarge::require)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("899 MiB; got a predicted 900 MiB more")
                .hasMessageContaining("--state bf16 (450 MiB less)")
                .hasMessageContaining("--microbatch");
    }
}
