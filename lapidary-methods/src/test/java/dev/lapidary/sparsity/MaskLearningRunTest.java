package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.ModelConfig;
import org.junit.jupiter.api.Test;

/** Where a run starts and what it refuses before it learns; what it learns is tested with its command and its parts. */
class MaskLearningRunTest {
    @Test
    void aPriorIsNoneAMethodOrAFolder() {
        assertThat(MaskPrior.open("none")).isEqualTo(MaskPrior.none());
        assertThat(MaskPrior.open("wanda").method()).containsInstanceOf(Wanda.class);
        assertThatThrownBy(() -> MaskPrior.open("no-such-folder"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("the prior must be none, magnitude, ")
                .hasMessageEndingWith(" or a mask folder; got no-such-folder");
    }

    @Test
    void aMethodThatChangesWeightsIsNoPrior() {
        assertThatThrownBy(() -> MaskPrior.open("sparsegpt-update"))
                .isInstanceOf(InputException.class)
                .hasMessage("a prior must keep the weights as they are; got sparsegpt-update, which changes them");
    }

    @Test
    void theMethodsThatAMaskIsComparedWithAreOnTheClassPath() {
        assertThat(MaskLearningRun.COMPARED).allSatisfy(name -> assertThat(OneShotMethod.of(name).name())
                .isEqualTo(name));
    }

    @Test
    void aBudgetLeavesSomethingToMask() {
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(60, 32, 1, 2, 16), 7)) {
            MaskLearningRun run = MaskLearningRun.of(model);
            assertThat(run.budget(DenseBudget.Limit.layers(6))).isSameAs(run);
            assertThatThrownBy(() -> run.budget(DenseBudget.Limit.layers(7)))
                    .isInstanceOf(InputException.class)
                    .hasMessage("dense layers must leave some of the model's 7 linear layers to mask; got 7");
        }
    }
}
