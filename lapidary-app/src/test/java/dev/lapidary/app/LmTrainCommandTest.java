package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lm train} from a text to a folder, stopped and resumed, and on input that cannot be trained on. */
class LmTrainCommandTest {
    private static final List<String> SMALL = List.of(
            "--layers", "1", "--width", "16", "--heads", "2", "--vocab", "300", "--context", "16", "--steps", "12");

    @TempDir
    private Path folder;

    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            words.append("number ").append(i * i % 97).append(i % 3 == 0 ? " is odd.\n" : " is even, ");
        }
        text = Files.writeString(folder.resolve("text.txt"), words.toString());
    }

    private List<String> command(Path out, String... more) {
        List<String> words =
                new ArrayList<>(List.of("lm", "train", "--text", text.toString(), "--out", out.toString()));
        words.addAll(SMALL);
        for (String word : more) {
            int at = words.indexOf(word);
            if (at >= 0 && word.startsWith("--")) {
                words.subList(at, at + 2).clear(); // given anew behind
            }
            words.add(word);
        }
        words.add("--json");
        return words;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void trainsAModelThatOpens() throws IOException {
        Path out = folder.resolve("model");
        CommandRun run = CommandRun.of(command(out).toArray());
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("steps")).isEqualTo(12);
        assertThat(run.number("prunable")).isEqualTo(4 * 16 * 16 + 3 * 16 * 64);
        assertThat(run.number("perplexity")).isBetween(1.0, 300.0);
        assertThat(run.number("tokensPerSecond")).isPositive();
        assertThat(run.json("folder").stringValue()).isEqualTo(out.toString());
        try (LanguageModel model = LanguageModel.open(out);
                TextTokenizer words = TextTokenizer.open(out)) {
            assertThat(model.config().vocabulary()).isEqualTo(words.vocabulary());
            assertThat(words.decode(words.encode("number 4 is"))).isEqualTo("number 4 is");
        }
        assertThat(files()).containsExactly("model", "text.txt");
        OutputFolderTest.assertReplaceable(out, "none.txt", "lm", "train", "--text", "none.txt", "--out");
    }

    @Test
    void stoppedAndResumedWritesTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        assertThat(CommandRun.of(command(whole).toArray()).status()).isZero();

        StoppedRun stopped = StoppedRun.after(5, "training the language", command(parts));
        assertThat(stopped.status()).as(stopped.err()).isEqualTo(130);
        assertThat(stopped.err()).contains("what is done is kept in " + folder.resolve(".parts.unfinished"));
        assertThat(parts).doesNotExist();
        try (Checkpoint checkpoint = Checkpoint.open(
                Checkpoint.last(folder.resolve(".parts.unfinished").resolve("checkpoints")))) {
            assertThat(checkpoint.step()).isEqualTo(5);
        }
        StoppedRun again = StoppedRun.after(2, "training the language", command(parts));
        assertThat(again.task()).isEqualTo("training the language model, resumed after step 5");
        CommandRun other = CommandRun.of(command(parts, "--seed", "1").toArray());
        refused(other, "go on with the same settings, or discard it (--restart)");
        CommandRun resumed = CommandRun.of(command(parts).toArray());

        assertThat(resumed.status()).as(resumed.err()).isZero();
        assertThat(parts.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
        assertThat(files()).containsExactly("parts", "text.txt", "whole");
    }

    @Test
    void restartDiscardsWhatAStoppedRunLeft() throws IOException {
        Path out = folder.resolve("model");
        StoppedRun.after(5, "training the language", command(out));
        StoppedRun again = StoppedRun.after(2, "training the language", command(out, "--restart"));

        assertThat(again.task()).isEqualTo("training the language model");
    }

    @Test
    void stoppedBeforeItsFirstStepSaysThatNothingIsKept() {
        StoppedRun run = StoppedRun.after(1, "learning tokens", command(folder.resolve("model")));
        assertThat(run.status()).as(run.err()).isEqualTo(130);
        assertThat(run.err()).contains("nothing was finished yet; nothing is kept");
    }

    @Test
    void refusesBadInputInOneLine() throws IOException {
        Path out = folder.resolve("model");
        refused(CommandRun.of(command(out, "--heads", "3").toArray()), "heads");
        refused(CommandRun.of(command(out, "--width", "20").toArray()), "multiples of 8");
        refused(CommandRun.of(command(out, "--vocab", "10").toArray()), "vocabulary");
        refused(CommandRun.of(command(out, "--context", "4096").toArray()), "a longer text, or a smaller --context");
        refused(CommandRun.of(command(out, "--context", "1").toArray()), "--context must be at least 2");
        refused(CommandRun.of(command(out, "--steps", "0").toArray()), "steps must be at least 1; got 0");
        Files.write(text, new byte[] {'a', (byte) 0xff});
        refused(CommandRun.of(command(out).toArray()), "UTF-8");
        Files.delete(text);
        refused(CommandRun.of(command(out).toArray()), "text.txt");
        refused(CommandRun.of(command(out, "--restart").toArray()), "text.txt");
        refused(CommandRun.of(command(folder).toArray()), "must be a folder without what is read");
        assertThat(files()).isEmpty();

        Path earlier = folder.resolve(".model.unfinished").resolve("checkpoints");
        Files.createDirectories(earlier);
        Files.writeString(Checkpoint.last(earlier), "state");
        refused(CommandRun.of(command(out).toArray()), "text.txt");
        assertThat(Checkpoint.last(earlier)).as("what an earlier run left").isRegularFile();
    }
}
