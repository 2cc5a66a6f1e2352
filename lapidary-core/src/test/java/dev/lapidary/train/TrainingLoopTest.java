package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.TrainingResult.Stopped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
    /** Best at step 6; validations after it are worse, but for an equal one. */
    private static double risesToSix(long step) {
        return step == 8 ? 0.6 : step <= 6 ? step / 10.0 : 0.3;
    }

    @TempDir
    private Path folder;

    private static TrainingResult run(Trainable trainable, TrainingPlan plan) {
        return TrainingLoop.run(trainable, plan, Progress.silent(), Cancellation.none());
    }

    private static Scripted falling(LongToDoubleFunction score) {
        return new Scripted(step -> 1.0 / step, score);
    }

    private static TrainingPlan stoppingPlan(long patience) {
        return TrainingPlan.of(100, 0).validatingEvery(2).stopping(EarlyStopping.highest("score", patience));
    }

    @Test
    void trainsARealModel() {
        LogisticRegression model = new LogisticRegression(1);
        TrainingResult result = run(model, TrainingPlan.of(200, 1));
        assertThat(result.stopped()).isEqualTo(Stopped.COMPLETED);
        assertThat(result.bestMetric()).isEmpty();
        assertThat(result.bestStep()).isEmpty();
        assertThat(new LogisticRegression(1).validate(0))
                .hasEntrySatisfying("loss", loss -> assertThat(loss).isCloseTo(Math.log(2), within(1e-12)));
        assertThat(model.validate(200))
                .hasEntrySatisfying("loss", loss -> assertThat(loss).isLessThan(0.25))
                .hasEntrySatisfying("accuracy", accuracy -> assertThat(accuracy).isGreaterThan(0.9));
    }

    @Test
    void earlyStoppingEndsWithTheBestStateInMemory() {
        Scripted model = falling(TrainingLoopTest::risesToSix);
        TrainingResult result = run(model, stoppingPlan(3));
        assertThat(result.stopped()).isEqualTo(Stopped.EARLY);
        assertThat(result.bestMetric()).hasValue(0.6);
        assertThat(result.bestStep()).hasValue(6);
        assertThat(result.steps()).isEqualTo(12);
        assertThat(model.value()).isEqualTo(60);
    }

    @Test
    void earlyStoppingEndsWithTheBestStateInTheFolder() {
        TrainingPlan plan = stoppingPlan(3).saving(Checkpointing.in(folder, 1));
        Scripted model = falling(TrainingLoopTest::risesToSix);
        run(model, plan);
        assertThat(model.value()).isEqualTo(60);
        assertThat(folder.resolve("best-6.safetensors")).exists();

        Scripted again = falling(TrainingLoopTest::risesToSix);
        TrainingResult result = run(again, plan);
        assertThat(again.steps()).isZero();
        assertThat(again.value()).isEqualTo(60);
        assertThat(result.stopped()).isEqualTo(Stopped.EARLY);
        assertThat(result.bestMetric()).hasValue(0.6);
        assertThat(result.steps()).isEqualTo(12);
    }

    @Test
    void patienceCountsValidationsAcrossAResume() {
        TrainingPlan plan = stoppingPlan(3).saving(Checkpointing.in(folder, 100));
        Cancellation cancellation = new Cancellation();
        Trainable stopped = new Steered(falling(TrainingLoopTest::risesToSix), step -> {
            if (step == 11) {
                cancellation.cancel();
            }
        });
        assertThat(TrainingLoop.run(stopped, plan, Progress.silent(), cancellation)
                        .steps())
                .isEqualTo(11);
        Scripted resumed = falling(TrainingLoopTest::risesToSix);
        TrainingResult result = run(resumed, plan);
        assertThat(resumed.steps()).isEqualTo(1);
        assertThat(result.stopped()).isEqualTo(Stopped.EARLY);
        assertThat(resumed.value()).isEqualTo(60);
    }

    @Test
    void withoutStoppingAllStepsAreTakenAndTheBestStateComesBack() {
        Scripted model = falling(TrainingLoopTest::risesToSix);
        TrainingPlan plan = TrainingPlan.of(21, 0)
                .validatingEvery(2)
                .stopping(EarlyStopping.highest("score", 1).withoutStopping());
        TrainingResult result = run(model, plan);
        assertThat(result.stopped()).isEqualTo(Stopped.COMPLETED);
        assertThat(model.steps()).isEqualTo(21);
        assertThat(model.value()).isEqualTo(60);
    }

    @Test
    void aLowerMetricIsBetterWhereThePlanSaysSo() {
        Scripted model = falling(step -> Math.abs(step - 8));
        TrainingPlan plan = TrainingPlan.of(100, 0).validatingEvery(1).stopping(EarlyStopping.lowest("score", 2));
        assertThat(run(model, plan).bestStep()).hasValue(8);
        assertThat(model.value()).isEqualTo(80);
    }

    @Test
    void anImprovementBelowTheLeastDoesNotCount() {
        TrainingPlan plan =
                TrainingPlan.of(100, 0).validatingEvery(1).stopping(new EarlyStopping("score", true, 4, 0.5));
        TrainingResult result = run(falling(step -> step * 0.01), plan);
        assertThat(result.bestStep()).hasValue(1);
        assertThat(result.steps()).isEqualTo(5);
    }

    @Test
    void theLastStepIsValidatedToo() {
        TrainingPlan plan = TrainingPlan.of(7, 0).validatingEvery(5).stopping(EarlyStopping.highest("score", 9));
        assertThat(run(falling(step -> step), plan).bestStep()).hasValue(7);
    }

    @Test
    void metricsAreOneObjectALine() throws IOException {
        Path metrics = folder.resolve("new/metrics.jsonl");
        TrainingPlan plan = TrainingPlan.of(5, 0).validatingEvery(4).metrics(metrics, 2);
        run(new Scripted(step -> step, step -> step == 4 ? 0.25 : Double.NaN), plan);
        assertThat(Files.readString(metrics).replaceAll("\"seconds\":[0-9.E-]+}", "\"seconds\":_}"))
                .isEqualTo("""
                        {"step":2,"loss":1.5,"seconds":_}
                        {"step":4,"loss":3.5,"validation":{"score":0.25},"seconds":_}
                        {"step":5,"loss":5.0,"validation":{"score":null},"seconds":_}
                        """);
    }

    @Test
    void metricsAreThereAsSoonAsTheStepIsDone() {
        Path metrics = folder.resolve("metrics.jsonl");
        List<Long> lines = new ArrayList<>();
        Trainable model = new Steered(falling(step -> 0), step -> {
            try (Stream<String> read = Files.lines(metrics)) {
                lines.add(read.count());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        run(model, TrainingPlan.of(4, 0).metrics(metrics, 1));
        assertThat(lines).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void metricsOfAnEarlierTrainingAreReplaced() throws IOException {
        Path metrics = folder.resolve("metrics.jsonl");
        run(falling(step -> 0), TrainingPlan.of(9, 0).metrics(metrics, 1));
        run(falling(step -> 0), TrainingPlan.of(2, 0).metrics(metrics, 1));
        assertThat(Files.readAllLines(metrics)).hasSize(2);
    }

    @Test
    void aLossThatIsNotFiniteStopsAndKeepsTheLastGoodCheckpoint() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Path own = folder.resolve("bad" + bad);
            TrainingPlan plan = TrainingPlan.of(20, 0).saving(Checkpointing.in(own, 3));
            assertThatThrownBy(() -> run(new Scripted(step -> step == 8 ? bad : 1, step -> 0), plan))
                    .isInstanceOfSatisfying(
                            DivergenceException.class, e -> assertThat(e.step()).isEqualTo(8))
                    .hasMessage("loss must be finite; got " + bad + " at step 8; last good checkpoint: "
                            + own.resolve("last.safetensors") + " after step 6");
            try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(own))) {
                assertThat(checkpoint.step()).isEqualTo(6);
                assertThat(checkpoint.state().tensor("value").toFloats()).containsExactly(60f);
            }
        }
    }

    @Test
    void aStateThatIsNotFiniteDoesNotReplaceAGoodCheckpoint() {
        Scripted model = falling(step -> 0);
        Trainable broken = new Steered(model, step -> {
            if (step == 4) {
                model.value(Float.NaN);
            }
        });
        assertThatThrownBy(() -> run(broken, TrainingPlan.of(20, 0).saving(Checkpointing.in(folder, 2))))
                .isInstanceOf(DivergenceException.class)
                .hasMessageStartingWith("state must be finite; got NaN or infinity in value after step 4; last good");
        try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(folder))) {
            assertThat(checkpoint.step()).isEqualTo(2);
        }
    }

    @Test
    void aMetricThatIsNotFiniteStops() {
        assertThatThrownBy(() -> run(falling(step -> step == 4 ? Double.NaN : 1), stoppingPlan(5)))
                .isInstanceOf(DivergenceException.class)
                .hasMessage("score must be finite; got NaN at step 4");
    }

    @Test
    void aMetricThatIsNotMeasuredIsNamed() {
        TrainingPlan plan = TrainingPlan.of(9, 0).validatingEvery(1).stopping(EarlyStopping.highest("accuracy", 1));
        assertThatThrownBy(() -> run(falling(step -> 1), plan))
                .hasMessage("validation must measure accuracy; got [score]");
    }

    @Test
    void progressCoversWhatIsLeft() {
        TrainingPlan plan = TrainingPlan.of(10, 0).named("gates").saving(Checkpointing.in(folder, 100));
        Cancellation cancellation = new Cancellation();
        Trainable stopped = new Steered(falling(step -> 0), step -> {
            if (step == 4) {
                cancellation.cancel();
            }
        });
        List<String> log = new ArrayList<>();
        Progress progress = recording(log);
        TrainingLoop.run(stopped, plan, progress, cancellation);
        TrainingLoop.run(falling(step -> 0), plan, progress, Cancellation.none());
        assertThat(log).containsExactly("gates of 10", "4 done", "gates, resumed after step 4 of 6", "6 done");
    }

    /** As the command line's progress does on Ctrl-C. */
    @Test
    void aTrainingThatItsProgressEndsIsSavedWhereItStands() throws IOException {
        for (boolean byNote : new boolean[] {false, true}) {
            Path own = folder.resolve("note " + byNote);
            int last = byNote ? 20 : 7; // the last step is always noted
            TrainingPlan plan = TrainingPlan.of(20, 0)
                    .validatingEvery(1)
                    .stopping(EarlyStopping.highest("score", 20))
                    .saving(Checkpointing.in(own, 1000))
                    .metrics(own.resolve("metrics.jsonl"), 1);
            Scripted first = falling(TrainingLoopTest::risesToSix);
            assertThatThrownBy(
                            () -> TrainingLoop.run(first, plan, throwingAt(last, first, byNote), Cancellation.none()))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("enough");
            try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(own))) {
                assertThat(checkpoint.step()).isEqualTo(last);
            }

            Scripted resumed = falling(TrainingLoopTest::risesToSix);
            TrainingResult result = run(resumed, plan);
            assertThat(resumed.steps()).isEqualTo(20 - last);
            assertThat(result.steps()).isEqualTo(20);
            assertThat(result.bestStep()).hasValue(6);
            assertThat(Files.readAllLines(own.resolve("metrics.jsonl"))).hasSize(20);
        }
    }

    private static Progress throwingAt(int step, Scripted model, boolean byNote) {
        return (name, total) -> new Progress.Task() {
            @Override
            public void advance(long steps) {
                endWhere(!byNote);
            }

            @Override
            public void note(String text) {
                endWhere(byNote);
            }

            private void endWhere(boolean here) {
                if (here && model.steps() == step) {
                    throw new CancellationException("enough");
                }
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void whatCannotBeSavedAtTheEndIsSaid() {
        TrainingPlan plan = TrainingPlan.of(20, 0).saving(Checkpointing.in(folder, 1000));
        Scripted model = falling(step -> 0);
        Trainable broken = new Steered(model, step -> model.value(Float.NaN));
        assertThatThrownBy(() -> TrainingLoop.run(broken, plan, throwingAt(3, model, false), Cancellation.none()))
                .isInstanceOf(DivergenceException.class)
                .hasMessage("state must be finite; got NaN or infinity in value after step 3");
    }

    private static Progress recording(List<String> log) {
        return (name, total) -> {
            log.add(name + " of " + total);
            long[] done = new long[1];
            return new Progress.Task() {
                @Override
                public void advance(long steps) {
                    done[0] += steps;
                }

                @Override
                public void close() {
                    log.add(done[0] + " done");
                }
            };
        };
    }

    @Test
    void badPlansAreRefused() {
        assertThatThrownBy(() -> TrainingPlan.of(0, 0)).hasMessage("steps must be at least 1; got 0");
        assertThatThrownBy(() -> TrainingPlan.of(1, 0).validatingEvery(-1))
                .hasMessage("validateEvery must not be negative; got -1");
        assertThatThrownBy(() -> TrainingPlan.of(1, 0).metrics(folder, 0))
                .hasMessage("metricsEvery must be at least 1; got 0");
        assertThatThrownBy(() -> TrainingPlan.of(1, 0).stopping(EarlyStopping.highest("score", 1)))
                .hasMessage("validateEvery must be positive where early stopping is wanted; got 0");
        assertThatThrownBy(() -> EarlyStopping.highest("score", 0)).hasMessage("patience must be at least 1; got 0");
        assertThatThrownBy(() -> new EarlyStopping("score", true, 1, Double.NaN))
                .hasMessage("minImprovement must be finite and not negative; got NaN");
        assertThatThrownBy(() -> new Checkpointing(folder, -1, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("everySteps must not be negative; got -1");
        assertThatThrownBy(() -> new Checkpointing(folder, 0, -1))
                .hasMessage("everySeconds must be finite and not negative; got -1.0");
    }
}
