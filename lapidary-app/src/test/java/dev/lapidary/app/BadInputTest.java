package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every bad input ends in one clear line and status 2, with nothing left behind. */
class BadInputTest {
    private static final int WIDTH = 384; // of the packaged encoder

    @TempDir
    private Path folder;

    private Path concepts;

    @BeforeEach
    void writeConcepts() throws IOException {
        concepts = SmallNews.writeConcepts(folder.resolve("concepts.txt"));
    }

    private Path data(String text) throws IOException {
        return Files.writeString(folder.resolve("data.csv"), text);
    }

    /** Trains, expecting one line that contains all of these, and neither a stack trace nor anything written. */
    private void trainingRefuses(Path data, List<String> options, String... parts) throws IOException {
        List<Object> words = new ArrayList<>(
                List.of("concepts", "train", "--data", data, "--out", folder.resolve("model"), "--json"));
        words.addAll(options);
        if (!options.contains("--concepts")) {
            words.addAll(List.of("--concepts", concepts));
        }

        CommandRun run = CommandRun.of(words.toArray());

        refused(run, parts);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).noneMatch(name -> name.contains("model"));
        }
    }

    @Test
    void missingFile() throws IOException {
        trainingRefuses(folder.resolve("none.csv"), List.of(), "none.csv", "got nothing");
    }

    @Test
    void blankText() {
        for (String command : List.of("predict", "explain", "intervene")) {
            refused(CommandRun.of("concepts", command, "--model", folder, "--input", " ", "--json"), "--input");
        }
    }

    @Test
    void emptyFile() throws IOException {
        trainingRefuses(data(""), List.of(), "data.csv", "empty");
    }

    @Test
    void noHeader() throws IOException {
        trainingRefuses(data("Bake bread well.,cooking\nWind and rain.,weather\n"), List.of(), "data.csv", "got");
    }

    @Test
    void oneClassOnly() throws IOException {
        trainingRefuses(
                data("text,label\nBake bread.,cooking\nFry eggs.,cooking\n"), List.of(), "two classes", "cooking");
    }

    @Test
    void unknownColumn() throws IOException {
        trainingRefuses(
                SmallNews.write(folder.resolve("data.csv")),
                List.of("--text", "body", "--label", "topic"),
                "body",
                "story");
    }

    @Test
    void emptyConceptList() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.txt"), "\n \n");

        trainingRefuses(
                SmallNews.write(folder.resolve("data.csv")),
                List.of("--text", "story", "--label", "topic", "--concepts", empty.toString()),
                "empty.txt",
                "at least one concept");
    }

    @Test
    void oneMegabyteLine() throws IOException {
        trainingRefuses(
                data("text,label\n" + "word ".repeat(200_000) + ",cooking\n"), List.of(), "data.csv", "1,000,000");
    }

    @Test
    void notUtf8() throws IOException {
        Path file = folder.resolve("data.csv");
        Files.write(
                file,
                new byte[] {'t', 'e', 'x', 't', ',', 'l', 'a', 'b', 'e', 'l', '\n', 'a', (byte) 0xe9, ',', 'b', '\n'});

        trainingRefuses(file, List.of(), "data.csv", "UTF-8");
    }

    @Test
    void notANumberInEmbeddings() throws IOException {
        float[] values = new float[6 * WIDTH];
        Arrays.fill(values, 0.1f);
        values[3 * WIDTH + 5] = Float.NaN;

        trainingRefuses(embeddings(values, 6), List.of("--labels", labels(6).toString()), "finite", "NaN", "row 4");
    }

    @Test
    void labelsOfAnotherSize() throws IOException {
        float[] values = new float[6 * WIDTH];
        Arrays.fill(values, 0.1f);

        trainingRefuses(embeddings(values, 6), List.of("--labels", labels(5).toString()), "6", "5");
    }

    @Test
    void embeddingsOfAnotherWidth() throws IOException {
        float[] values = new float[6 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7 + 1;
        }
        Path file = folder.resolve("items.safetensors");
        SafetensorsWriter.write(file, List.of(TensorView.of("embeddings", values, 6, 8)), Map.of());

        trainingRefuses(file, List.of("--labels", labels(6).toString()), "width", "384", "8");
    }

    private Path embeddings(float[] values, int rows) throws IOException {
        Path file = folder.resolve("items.safetensors");
        SafetensorsWriter.write(file, List.of(TensorView.of("embeddings", values, rows, WIDTH)), Map.of());
        return file;
    }

    private Path labels(int count) throws IOException {
        List<String> names = new ArrayList<>(Collections.nCopies(count / 2, "left"));
        names.addAll(Collections.nCopies(count - count / 2, "right"));
        return Files.write(folder.resolve("labels.txt"), names);
    }

    @Test
    void settingsOutOfRange() throws IOException {
        Path data = SmallNews.write(folder.resolve("data.csv"));

        trainingRefuses(data, List.of("--method", "magic"), "method must be one of", "sparse", "got magic");
        trainingRefuses(data, List.of("--nec", "0"), "nec must be at least 1", "got 0");
        trainingRefuses(data, List.of("--seeds", "0"), "seeds must be from 1");
        trainingRefuses(data, List.of("--balance", "maybe"), "balance must be one of off, on, auto");
        trainingRefuses(data, List.of("--propose", "wordnet"), "--concepts or", "got both");
        trainingRefuses(data, List.of("--class-cutoff", "-1"), "--class-cutoff must be above 0; got -1.0");
    }

    @Test
    void folderOfSomethingElseIsRefusedBeforeAnythingIsRead() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("thesis.txt"), "mine");

        CommandRun run =
                CommandRun.of("concepts", "train", "--data", folder.resolve("none.csv"), "--out", taken, "--json");

        refused(run, "taken", "got one with thesis.txt");
        assertThat(taken.resolve("thesis.txt")).hasContent("mine");
    }

    @Test
    void modelThatIsNone() throws IOException {
        Path model = Files.createDirectory(folder.resolve("broken"));
        refused(CommandRun.of("concepts", "predict", "--model", model, "--input", "x", "--json"), "lapidary.json");

        Files.writeString(model.resolve("lapidary.json"), "{\"format\": 3");
        refused(CommandRun.of("concepts", "explain", "--model", model, "--class", "x", "--json"), "broken");

        refused(
                CommandRun.of("concepts", "predict", "--model", folder.resolve("none"), "--input", "x", "--json"),
                "must be a folder");
    }

    @Test
    void itemsThatAreNamedTwiceOrNotAtAll() {
        refused(
                CommandRun.of("concepts", "predict", "--model", "m", "--json"),
                "--data PATH, --images PATH, --input TEXT and --image FILE",
                "got none");
        refused(
                CommandRun.of("concepts", "explain", "--model", "m", "--id", "7", "--json"),
                "--id must come with --data");
        refused(
                CommandRun.of("concepts", "explain", "--model", "m", "--id", "7", "--input", "x", "--json"),
                "got several");
        refused(
                CommandRun.of("concepts", "intervene", "--model", "m", "--input", "x", "--json"),
                "something to change");
        refused(CommandRun.of("concepts", "propose", "--json"), "--data PATH or --classes", "neither");
    }
}
