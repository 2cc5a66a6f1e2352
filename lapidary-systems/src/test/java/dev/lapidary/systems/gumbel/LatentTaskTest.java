package dev.lapidary.systems.gumbel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LatentTaskTest {
    @ParameterizedTest
    @EnumSource
    void everyEstimatorHasSixDifferentSettingsOfWhichOneIsChosen(LatentTask task) {
        for (EstimatorKind kind : task.kinds()) {
            assertThat(new HashSet<>(task.tried(kind))).as(kind.arm()).hasSize(6).contains(task.chosen(kind));
        }
    }

    @ParameterizedTest
    @EnumSource
    void splitsAreApartAndHaveTheStatedSizes(LatentTask task) {
        LatentTask.Problem problem = task.draw(3, 40);
        assertThat(problem.train().inputs().length).isEqualTo(40);
        assertThat(problem.validation().inputs().length).isEqualTo(10);
        assertThat(problem.test().targets().length).isEqualTo(10);
        assertThat(problem.test().inputs()[0]).hasSize(task.inputs()).isNotEqualTo(problem.validation().inputs()[0]);
        LatentTask.Problem longer = task.draw(3, 80);
        assertThat(longer.train().targets()[39]).isEqualTo(problem.train().targets()[39]);
    }
}
