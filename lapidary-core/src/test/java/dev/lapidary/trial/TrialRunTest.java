package dev.lapidary.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.trial.Comparison.Goal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialRunTest {
    private static final TrialSeeds FIVE = new TrialSeeds(1000, 5);

    @TempDir
    Path folder;

    /** Normal values of a seed; the method adds a gain to them. */
    private static final class Shifted implements Trial<double[]> {
        final List<String> calls = new ArrayList<>();
        private final double gain;
        private final List<Comparison> comparisons;
        private int left = Integer.MAX_VALUE;

        Shifted(double gain, Comparison... comparisons) {
            this.gain = gain;
            this.comparisons = List.of(comparisons);
        }

        Shifted stoppingAfter(int outcomes) {
            left = outcomes;
            return this;
        }

        @Override
        public String name() {
            return "shifted";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("gain", Double.toString(gain));
        }

        @Override
        public void prepare(long seed, Progress progress) {
            calls.add("prepare " + seed);
        }

        @Override
        public double[] draw(long seed) {
            calls.add("draw " + seed);
            return new Random(seed).doubles(3).toArray();
        }

        @Override
        public List<Arm<double[]>> arms() {
            return List.of(
                    Arm.method("gained", (values, seed, progress) -> outcome(values, gain)),
                    Arm.baseline("plain", (values, seed, progress) -> outcome(values, 0)),
                    Arm.sabotage("cut", (values, seed, progress) -> outcome(values, -1e-3)));
        }

        private Outcome outcome(double[] values, double more) {
            if (left-- <= 0) {
                throw new CancellationException("stopped on request");
            }
            return Outcome.of("score", values[0] + more * (1 + values[1]));
        }

        @Override
        public List<Comparison> comparisons() {
            return comparisons;
        }
    }

    private static Comparison better() {
        return Comparison.better("score", Goal.HIGH, "gained", "plain");
    }

    private TrialEvidence run(Shifted trial) {
        return TrialRun.run(trial, FIVE, folder, false, Progress.silent());
    }

    @Test
    void aMethodThatGainsIsBetterAndItsSabotagesFail() {
        TrialEvidence evidence = run(new Shifted(0.5, better()));
        Judgement judged = evidence.judgements().getFirst();
        double mean = 0;
        for (long seed : FIVE.all()) {
            mean += 0.5 * (1 + new Random(seed).doubles(3).toArray()[1]) / 5;
        }
        assertThat(judged.difference()).isEqualTo(mean, within(1e-12)); // pairs: the common part is gone
        assertThat(judged.verdict()).isEqualTo(Verdict.BETTER);
        assertThat(evidence.sabotages())
                .containsExactly(new Sabotage("cut", true)); // plain is what it is compared with
        assertThat(evidence.held()).isTrue();
    }

    @Test
    void noGainIsNoSuccess() {
        TrialEvidence evidence = run(new Shifted(0, better()));
        assertThat(evidence.judgements().getFirst().verdict()).isEqualTo(Verdict.WORSE); // equal on every seed
        assertThat(evidence.held()).isFalse();
    }

    @Test
    void aCheckThatASabotagePassesDoesNotHold() {
        Comparison lenient = Comparison.notWorse("score", Goal.HIGH, "gained", "plain", 0.1);
        TrialEvidence evidence = run(new Shifted(0.5, lenient));
        assertThat(evidence.judgements().getFirst().held()).isTrue();
        assertThat(evidence.sabotages()).containsExactly(new Sabotage("cut", false)); // no superiority, so no baseline
        assertThat(evidence.held()).isFalse();
    }

    @Test
    void anInterruptedTrialGoesOnAndEndsWithTheSameFiles(@TempDir Path other) throws IOException {
        Shifted stopped = new Shifted(0.5, better()).stoppingAfter(7);
        assertThatThrownBy(() -> run(stopped)).isInstanceOf(CancellationException.class);
        Shifted resumed = new Shifted(0.5, better());
        TrialEvidence evidence = run(resumed);
        assertThat(resumed.calls)
                .containsExactly("prepare 1002", "draw 1002", "prepare 1003", "draw 1003", "prepare 1004", "draw 1004");

        TrialEvidence whole = TrialRun.run(new Shifted(0.5, better()), FIVE, other, false, Progress.silent());
        assertThat(evidence.judgements()).isEqualTo(whole.judgements());
        for (long seed : FIVE.all()) {
            for (String arm : List.of("gained", "plain", "cut")) {
                String file = seed + "/" + arm + ".json";
                assertThat(figures(folder.resolve(file))).isEqualTo(figures(other.resolve(file)));
            }
        }
    }

    private static String figures(Path file) throws IOException {
        return Files.readString(file).replaceFirst("(?s)\"seconds\".*", "");
    }

    @Test
    void outcomesUnderOtherSettingsAreNotMixed() {
        run(new Shifted(0.5, better()));
        assertThatThrownBy(() -> run(new Shifted(0.6, better())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds outcomes under other settings");
    }

    @Test
    void theOrderOfSettingsDoesNotMatter() throws IOException {
        run(new Shifted(0.5, better()));
        Files.writeString(folder.resolve("trial.json"), "{\"settings\": {\"gain\": \"0.5\"}, \"trial\": \"shifted\"}");
        Shifted again = new Shifted(0.5, better());
        run(again);
        assertThat(again.calls).isEmpty();
    }

    @Test
    void aBrokenOutcomeIsNamed() throws IOException {
        run(new Shifted(0.5, better()));
        Path broken = folder.resolve("1001/cut.json");
        Files.writeString(broken, "{\"figures\": {\"score\": \"high\"}}");
        assertThatThrownBy(() -> run(new Shifted(0.5, better())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(broken.toString());
    }

    @Test
    void oneSeedHasNoInterval() {
        Shifted trial = new Shifted(0.5, better());
        assertThatThrownBy(() -> TrialRun.run(trial, new TrialSeeds(1000, 1), folder, false, Progress.silent()))
                .hasMessage("intervals over seeds need at least 2 seeds; got 1");
        assertThat(TrialRun.once(trial, 0, Progress.silent()).keySet()).containsExactly("gained", "plain", "cut");
    }

    @Test
    void aFigureThatIsComparedMustBeMeasured() {
        Shifted trial = new Shifted(0.5, Comparison.better("speed", Goal.HIGH, "gained", "plain"));
        assertThatThrownBy(() -> TrialRun.once(trial, 0, Progress.silent()))
                .hasMessage("the figure must be one of [score] and []; got speed");
    }

    @Test
    void restartDiscardsTheSeedsThatAreAskedForAndNoOthers() throws IOException {
        run(new Shifted(0.5, better()));
        TrialSeeds two = new TrialSeeds(1003, 2);
        Shifted again = new Shifted(0.5, better());
        TrialRun.run(again, two, folder, true, Progress.silent());
        assertThat(again.calls).containsExactly("prepare 1003", "draw 1003", "prepare 1004", "draw 1004");
        assertThat(folder.resolve("1000/gained.json")).exists();

        Shifted other = new Shifted(0.6, better());
        TrialRun.run(other, two, folder, true, Progress.silent()); // other settings: all are discarded
        assertThat(folder.resolve("1000")).doesNotExist();
    }

    @Test
    void restartLeavesAFolderOfSomethingElseAlone(@TempDir Path mine) throws IOException {
        Path precious = Files.createDirectories(mine.resolve("1003")).resolve("letter.txt");
        Files.writeString(precious, "mine");
        TrialRun.run(new Shifted(0.5, better()), new TrialSeeds(1003, 2), mine, true, Progress.silent());
        assertThat(precious).hasContent("mine");
    }

    @Test
    void aTrialThatComparesAnUnknownArmFailsBeforeItRuns() {
        Shifted trial = new Shifted(0.5, Comparison.better("score", Goal.HIGH, "gained", "best"));
        assertThatThrownBy(() -> run(trial)).hasMessageContaining("arms that are compared must be among");
        assertThat(trial.calls).isEmpty();
    }
}
