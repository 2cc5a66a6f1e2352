package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.sparsity.MaskFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java programs that README.md and the pages about classifiers, images and language models show, in a folder with the files that they name. */
class ReadmeSnippetTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path CONCEPT_PAGE = Path.of("..", "docs", "concept-classifier.md");
    private static final Path IMAGE_PAGE = Path.of("..", "docs", "images.md");
    private static final Path MASK_PAGE = Path.of("..", "docs", "mask-learning.md");
    private static final Path RUN_PAGE = Path.of("..", "docs", "running-models.md");
    private static final Path LIBRARY_PAGE = Path.of("..", "docs", "use-as-a-library.md");
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    /** Where the types that the program names come from; a program in somebody's project would import them so. */
    private static final List<String> IMPORTS = List.of(
            "dev.lapidary.concept.*",
            "dev.lapidary.concept.adapt.*",
            "dev.lapidary.concept.audit.*",
            "dev.lapidary.concept.bottleneck.*",
            "dev.lapidary.concept.calibration.*",
            "dev.lapidary.concept.classifier.*",
            "dev.lapidary.concept.explain.*",
            "dev.lapidary.contrast.*",
            "dev.lapidary.data.*",
            "dev.lapidary.encode.*",
            "dev.lapidary.image.*",
            "dev.lapidary.language.*",
            "dev.lapidary.linear.*",
            "dev.lapidary.runtime.*",
            "dev.lapidary.runtime.generate.*",
            "dev.lapidary.runtime.kernel.*",
            "dev.lapidary.runtime.model.*",
            "dev.lapidary.runtime.tensor.DType",
            "dev.lapidary.sparsity.*",
            "dev.lapidary.work.*",
            "com.sun.net.httpserver.*",
            "java.io.*",
            "java.net.*",
            "java.nio.charset.StandardCharsets",
            "java.nio.file.Path",
            "java.util.List",
            "java.util.Map",
            "java.util.Optional",
            "java.util.concurrent.Executors",
            "java.util.function.Function",
            "tools.jackson.databind.json.JsonMapper");

    /** Asks both services, also what they refuse, and ends the JVM, so that their hooks run. */
    private static final String ASK = """
            int explains = explaining.getAddress().getPort();
            int generates = generating.getAddress().getPort();
            for (String asked : List.of(explains + "/explain", explains + "/predict", generates + "/generate",
                    explains + "/predict?blank", generates + "/generate?blank")) {
                HttpURLConnection to = (HttpURLConnection) URI.create("http://127.0.0.1:" + asked).toURL().openConnection();
                to.setDoOutput(true);
                String body = asked.endsWith("blank") ? " " : "The keeper saved a penalty.";
                to.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
                int status = to.getResponseCode();
                InputStream said = status == 200 ? to.getInputStream() : to.getErrorStream();
                System.out.println(status + " " + new String(said.readAllBytes(), StandardCharsets.UTF_8));
            }
            System.exit(0);
            """;

    @TempDir
    private Path folder;

    @Test
    void programOfTheReadmeRuns() throws IOException, InterruptedException {
        writeInputs();

        String said = run(README);

        assertThat(said).contains("predicted: ", "speaks ");
        assertThat(folder.resolve("model/lapidary.json")).exists();
    }

    @Test
    void programOfTheConceptPageRuns() throws IOException, InterruptedException {
        trainClassifier();

        String[] said = run(CONCEPT_PAGE).split("\n");

        assertThat(said[said.length - 2]).matches("(ask a person: )?\\[.*]");
        assertThat(Double.parseDouble(said[said.length - 1])).isBetween(0.0, 1.0);
    }

    @Test
    void programOfTheImagePageRuns() throws IOException, InterruptedException {
        lapidary("images", "scenes", "--out", folder.resolve("scenes") + "", "--count", "80", "--side", "32");

        assertThat(run(IMAGE_PAGE))
                .containsPattern("R-precision: [01]\\.")
                .containsPattern("accuracy: [01]\\.")
                .contains("zero-shot: OptionalDouble[");
        assertThat(folder.resolve("encoder/onnx/vision_model.onnx")).exists();
        assertThat(folder.resolve("adapted/lapidary.json")).content().contains("\"loss\":\"sparse\"");
    }

    @Test
    void programOfTheMaskPageRuns() throws IOException, InterruptedException {
        trainModel();

        assertThat(run(MASK_PAGE)).contains("dense: ", "maskllm: ", "magnitude: ", "sparsegpt-update: ");
        assertThat(MaskFolder.read(folder.resolve("mask")).layers()).hasSize(7);
    }

    @Test
    void programsOfThePageAboutRunningRun() throws IOException, InterruptedException {
        trainModel();
        Path packed = folder.resolve("model.lapidary");
        lapidary("lm", "pack", "--model", folder.resolve("model") + "", "--out", packed.toString());

        assertThat(run(RUN_PAGE)).contains("bytes instead of");
        assertThat(folder.resolve("low-rank/compressed.safetensors")).exists();
        assertThat(folder.resolve("ordinary/model.safetensors")).exists();
    }

    @Test
    void servicesOfTheLibraryPageAnswer() throws IOException, InterruptedException {
        trainModel();
        lapidary("lm", "pack", "--model", folder.resolve("model") + "", "--out", folder.resolve("model.lapidary") + "");
        AtomicFiles.deleteTree(folder.resolve("model"));
        trainClassifier();

        String said = run(LIBRARY_PAGE, statements -> statements.replaceAll("808[01]", "0") + ASK);

        assertThat(said)
                .containsPattern("200 predicted: (football|cooking|weather)")
                .contains("found, speaks for")
                .containsPattern("(?m)^200 \\{\"id\":\"0\",\"class\":\"(football|cooking|weather)\",.*"
                        + "\"calibratedProbability\":[01].*\"set\":\\[.*\"abstain\":(true|false).*\"far\":(true|false)")
                .containsPattern("(?m)^200 (?!predicted|\\{).+") // what a language model of three steps writes
                .contains("400 a text must have letters; got only blanks", "400 a prompt must have letters; got only blanks");
    }

    private void trainClassifier() throws IOException {
        Path news = SmallNews.write(folder.resolve("news.csv"));
        String train =
                "concepts train --text story --label topic --seeds 1 --nec 4 --activation-cutoff -1 --data " + news;
        lapidary((train + " --out " + folder.resolve("model") + " --concepts "
                        + SmallNews.writeConcepts(folder.resolve("concepts.txt")))
                .split(" "));
    }

    private void trainModel() throws IOException {
        Path book = Files.writeString(folder.resolve("book.txt"), "The whale is white, the sea is wide. ".repeat(200));
        List<String> train = List.of("lm", "train", "--text", book.toString(), "--out", folder.resolve("model") + "");
        List<String> sizes = List.of("--layers 1 --width 16 --heads 2 --vocab 270 --context 16 --steps 3".split(" "));
        lapidary(Stream.concat(train.stream(), sizes.stream()).toArray(String[]::new));
    }

    private static void lapidary(String... arguments) {
        var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        assertThat(Main.run(arguments, out, out)).isZero();
    }

    /** Runs the Java programs of a page, one after the other, in a JVM of its own and returns what they said. */
    private String run(Path page) throws IOException, InterruptedException {
        return run(page, statements -> statements);
    }

    private String run(Path page, UnaryOperator<String> change) throws IOException, InterruptedException {
        Matcher block = JAVA.matcher(Files.readString(page));
        assertThat(block.find()).as(page + " shows a Java program").isTrue();
        StringBuilder statements = new StringBuilder(block.group(1));
        while (block.find()) {
            statements.append(block.group(1));
        }
        Path source = Files.writeString(folder.resolve("Snippet.java"), program(change.apply(statements.toString())));
        Path log = folder.resolve("log.txt");
        List<String> command = new ArrayList<>(ForkedJvm.of(Main.class).command());
        command.removeLast();
        command.add("--add-modules=jdk.incubator.vector");
        if (page.equals(LIBRARY_PAGE)) { // as the page says
            command.add("--sun-misc-unsafe-memory-access=deny");
        }
        command.add(source.toString());
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        return Files.readString(log);
    }

    private static String program(String statements) {
        String imports = IMPORTS.stream().map(name -> "import " + name + ";\n").collect(Collectors.joining());
        return imports + "final class Snippet {\npublic static void main(String[] args) throws Exception {\n"
                + statements + "}\n}\n";
    }

    private void writeInputs() throws IOException {
        List<String> rows = new ArrayList<>(Files.readAllLines(SmallNews.write(folder.resolve("news.csv"))));
        rows.set(0, "id,text,label");
        Files.write(folder.resolve("messages.csv"), rows);
        SmallNews.writeConcepts(folder.resolve("concepts.txt"));
    }
}
