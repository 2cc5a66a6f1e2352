package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlanDifferenceTest {
    private static final TrainingPlan PLAN = TrainingPlan.of(10, 3)
            .validatingEvery(1)
            .setting("gateRate", "0.1")
            .setting("learningRate", "0.5")
            .setting("text", "0123456789".repeat(6))
            .option("gateRate", "--gate-lr")
            .option("learningRate", "--learning-rate");

    private static PlanDifference difference(TrainingPlan checkpoint) {
        return PlanDifference.of(checkpoint.identity(), PLAN).orElseThrow();
    }

    @Test
    void optionsAreNamedWithBothValues() {
        assertThat(difference(PLAN.setting("learningRate", "0.4").setting("gateRate", "0.2")))
                .isEqualTo(new PlanDifference(
                        "gateRate=0.1 (--gate-lr), --learning-rate 0.5",
                        "gateRate=0.2 (--gate-lr), --learning-rate 0.4"));
    }

    @Test
    void whatFollowsFromOtherEntriesIsNamedLast() {
        assertThat(difference(TrainingPlan.of(20, 3)
                        .validatingEvery(2)
                        .setting("gateRate", "0.1")
                        .setting("learningRate", "0.5")
                        .setting("text", "0123456789".repeat(6))))
                .isEqualTo(new PlanDifference("steps=10", "steps=20"));
        assertThat(difference(PLAN.validatingEvery(2)))
                .isEqualTo(new PlanDifference("validateEvery=1", "validateEvery=2"));
    }

    @Test
    void digestsAreShort() {
        assertThat(difference(PLAN.setting("text", "another")))
                .isEqualTo(new PlanDifference("text=012345678901...", "text=another"));
    }

    @Test
    void theSamePlanHasNone() {
        assertThat(PlanDifference.of(PLAN.identity(), PLAN)).isEmpty();
    }
}
