package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    private Path folder;

    private TrainingPlan plan() {
        return TrainingPlan.of(6, 3)
                .validatingEvery(2)
                .stopping(EarlyStopping.highest("accuracy", 9))
                .saving(Checkpointing.in(folder, 2))
                .setting("rate", "0.05");
    }

    private static void run(Trainable trainable, TrainingPlan plan) {
        TrainingLoop.run(trainable, plan, Progress.silent(), Cancellation.none());
    }

    @Test
    void itSaysWhatItIsOf() {
        run(new LogisticRegression(3), plan());
        try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(folder))) {
            assertThat(checkpoint.step()).isEqualTo(6);
            assertThat(checkpoint.plan()).isEqualTo(plan().identity()).containsEntry("settings.rate", "0.05");
            assertThat(checkpoint.state().tensors())
                    .containsOnlyKeys("weights", "adam.first", "adam.second", "adam.updates");
            assertThat(checkpoint.state().tensor("adam.updates").toLongs()).containsExactly(6);
        }
    }

    @Test
    void anyFlippedByteIsNoticed() throws IOException {
        run(new LogisticRegression(3), plan());
        Path last = Checkpoint.last(folder);
        byte[] good = Files.readAllBytes(last);
        Path bad = folder.resolve("bad.safetensors");
        for (int i = 0; i < good.length; i++) {
            // a space of the header's padding carries nothing: the rest must be noticed
            byte[] bytes = good.clone();
            bytes[i] ^= 1;
            if (good[i] == ' ' && bytes[i] == '!') {
                continue;
            }
            Files.write(bad, bytes);
            assertThatThrownBy(() -> Checkpoint.open(bad).close())
                    .as("byte %d of %d", i, good.length)
                    .isInstanceOf(InputException.class);
        }
    }

    @Test
    void aDamagedCheckpointIsRefusedBeforeAnythingIsRestored() throws IOException {
        run(new LogisticRegression(3), plan());
        Path last = Checkpoint.last(folder);
        byte[] good = Files.readAllBytes(last);
        byte[] flipped = good.clone();
        flipped[good.length - 2] ^= 4;
        Files.write(last, flipped);
        LogisticRegression model = new LogisticRegression(3);
        assertThatThrownBy(() -> run(model, plan()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("checkpoint " + last + " must have the content that was written, digest ")
                .message()
                .doesNotContain("\n");
        for (int length : new int[] {0, 5, 100, good.length - 1}) {
            Files.write(last, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> run(model, plan()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(last.toString());
        }
        assertThat(model.weights()).containsOnly(0f);
    }

    @Test
    void theBestStateMustBeThereAndSound() throws IOException {
        run(new LogisticRegression(3), plan());
        Path best;
        try (var files = Files.newDirectoryStream(folder, "best-*")) {
            best = files.iterator().next();
        }
        byte[] bytes = Files.readAllBytes(best);
        bytes[bytes.length - 1] ^= 1;
        Files.write(best, bytes);
        assertThatThrownBy(() -> run(new LogisticRegression(3), plan()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("checkpoint " + best + " must have the content");
        Files.delete(best);
        assertThatThrownBy(() -> run(new LogisticRegression(3), plan()))
                .isInstanceOf(InputException.class)
                .hasMessage("checkpoint folder " + folder + " must hold the best state " + best.getFileName()
                        + "; got none");
    }

    @Test
    void aCheckpointOfAnotherPlanIsRefusedNamingTheDifference() {
        run(new LogisticRegression(3), plan());
        Path last = Checkpoint.last(folder);
        TrainingPlan longer = new TrainingPlan(
                "training",
                7,
                3,
                2,
                1,
                plan().earlyStopping(),
                plan().checkpoints(),
                plan().metricsFile(),
                plan().settings(),
                plan().options());
        assertThatThrownBy(() -> run(new LogisticRegression(3), longer))
                .isInstanceOf(InputException.class)
                .hasMessage("checkpoint " + last + " must belong to this plan with steps=7; got steps=6"
                        + "; go on with the same settings, or discard it (--restart)");
        assertThatThrownBy(() -> run(new LogisticRegression(3), plan().setting("rate", "0.1")))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "checkpoint " + last
                                + " must belong to this plan with rate=0.1; got rate=0.05; go on with the same settings, or discard it (--restart)");
        assertThatThrownBy(() -> run(new LogisticRegression(3), plan().setting("extra", "1")))
                .hasMessageEndingWith(
                        "with extra=1; got extra=nothing; go on with the same settings, or discard it (--restart)");
    }

    @Test
    void namesAndPathsDoNotBelongToThePlansIdentity() {
        assertThat(plan().named("other")
                        .saving(Checkpointing.in(Path.of("elsewhere")))
                        .digest())
                .isEqualTo(plan().digest())
                .hasSize(64);
        assertThat(plan().setting("rate", "0.1").digest()).isNotEqualTo(plan().digest());
        assertThat(plan().validatingEvery(3).digest()).isNotEqualTo(plan().digest());
    }

    @Test
    void aStateOfOtherTensorsIsRefused() {
        run(new LogisticRegression(3), plan());
        assertThatThrownBy(() -> run(new Scripted(step -> 1, step -> 1), plan()))
                .isInstanceOf(InputException.class)
                .hasMessage("checkpoint " + Checkpoint.last(folder) + " must hold value F32[1]; got none of that name");
    }

    @Test
    void anotherSafetensorsFileOrVersionIsNoCheckpoint() throws IOException {
        Path file = Checkpoint.last(folder);
        List<TensorView> tensors = List.of(TensorView.of("value", new float[] {1}, 1));
        SafetensorsWriter.write(file, tensors, Map.of());
        assertThatThrownBy(() -> Checkpoint.open(file).close())
                .isInstanceOf(InputException.class)
                .hasMessage(file + " must be a training checkpoint; got a file of format null");
        SafetensorsWriter.write(file, tensors, Map.of("format", "lapidary-training", "version", "2"));
        assertThatThrownBy(() -> Checkpoint.open(file).close())
                .hasMessage("checkpoint " + file + " must have version 1; got 2");
    }

    @Test
    void heapStateIsSavedLikeNativeState() throws IOException {
        float[] values = {1, -2, 3.5f};
        TensorView heap = new TensorView(
                "value",
                dev.lapidary.runtime.tensor.DType.F32,
                List.of(3L),
                java.lang.foreign.MemorySegment.ofArray(values));
        Path one = folder.resolve("heap.safetensors");
        Path two = folder.resolve("native.safetensors");
        Checkpoint.write(one, Position.START, new TreeMap<>(), List.of(heap));
        Checkpoint.write(two, Position.START, new TreeMap<>(), List.of(TensorView.of("value", values, 3)));
        assertThat(one).hasSameBinaryContentAs(two);
        try (Checkpoint checkpoint = Checkpoint.open(one)) {
            assertThat(checkpoint.state().tensor("value").toFloats()).containsExactly(values);
        }
    }
}
