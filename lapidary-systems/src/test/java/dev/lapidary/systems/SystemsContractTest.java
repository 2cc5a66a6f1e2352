package dev.lapidary.systems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Evidence.TrialFound;
import dev.lapidary.systems.PublishedSystem.Size;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Trial;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every system that the catalogue finds; names none. */
class SystemsContractTest {
    private static final int FREED_LATER = 8; // objects that only the collector frees, such as a leaf's gradient

    static Stream<String> implemented() {
        return Catalogue.load().entries().stream()
                .filter(entry -> entry.system() != null)
                .map(entry -> entry.row().id());
    }

    @ParameterizedTest
    @MethodSource("implemented")
    void identitiesHoldAndEveryArmRunsAndTheSameSeedGivesTheSameFigures(String id) {
        CatalogueEntry entry = Catalogue.load().find(id).orElseThrow();
        Verification first = Verification.quick(entry, 0, Progress.silent());
        assertThat(first.evidence().identities())
                .allSatisfy(found -> assertThat(found.held())
                        .as("%s: %s is %s, at most %s", id, found.name(), found.error(), found.bound())
                        .isTrue());
        long before = Pointer.totalCount();
        Verification again = Verification.quick(entry, 0, Progress.silent());
        assertThat(Pointer.totalCount())
                .as("native objects left by a second run of " + id)
                .isLessThanOrEqualTo(before + FREED_LATER);
        List<TrialFound> trials = first.evidence().trials();
        for (int t = 0; t < trials.size(); t++) {
            TrialFound other = again.evidence().trials().get(t);
            for (int a = 0; a < trials.get(t).arms().size(); a++) {
                assertThat(other.arms().get(a).figures())
                        .as(trials.get(t).arms().get(a).name())
                        .isEqualTo(trials.get(t).arms().get(a).figures());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("implemented")
    void oneArmIsTheMethodAndSomethingIsClaimed(String id) {
        PublishedSystem system =
                Objects.requireNonNull(Catalogue.load().find(id).orElseThrow().system());
        List<Trial<?>> trials = system.trials(Size.QUICK, Progress.silent());
        assertThat(trials).anySatisfy(trial -> assertThat(trial.comparisons()).isNotEmpty());
        Set<String> names = new HashSet<>();
        for (Trial<?> trial : trials) {
            assertThat(names.add(trial.name())).as(trial.name()).isTrue();
            assertThat(trial.arms().stream().filter(arm -> arm.role() == Arm.Role.METHOD))
                    .as(trial.name())
                    .hasSize(1);
            assertThat(trial.settings()).as(trial.name()).isNotEmpty();
        }
    }
}
