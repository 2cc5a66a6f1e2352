package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.sparsity.MaskFolder;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs the Java programs that README.md and the pages about classifiers, images and language models show, each in a folder
 * with the files that it names. One JVM runs them all, the services last.
 */
class ReadmeSnippetTest {
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    /** The pages; the last program ends its JVM. */
    private enum Page {
        README("README.md"),
        CONCEPTS("docs/concept-classifier.md"),
        IMAGES("docs/images.md"),
        MASKS("docs/mask-learning.md"),
        RUNNING("docs/running-models.md"),
        LIBRARY("docs/use-as-a-library.md");

        private final Path file;

        Page(String file) {
            this.file = Path.of("..", file);
        }

        String program() {
            return "Snippet" + name();
        }

        Path folder() {
            return all.resolve(program());
        }

        /** Returns a path inside the folder of the program. */
        String path(String name) {
            return folder().resolve(name).toString();
        }
    }

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
    private static Path all;

    private static int status;

    @BeforeAll
    static void runAllPrograms() throws IOException, InterruptedException {
        for (Page page : Page.values()) {
            Files.createDirectories(page.folder());
        }
        writeInputs();
        compile();
        ProcessBuilder builder = ForkedJvm.of(
                ProgramRun.class, Stream.of(Page.values()).map(Page::program).toArray(String[]::new));
        List<String> command = new ArrayList<>(builder.command());
        command.addAll(
                1, // docs/use-as-a-library.md says that nothing needs unsafe memory access
                List.of("--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=deny"));
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, all.resolve("classes") + File.pathSeparator + command.get(classPath));
        status = new ProcessBuilder(command)
                .directory(Files.createDirectories(all.resolve("current")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(all.resolve("jvm.txt").toFile())
                .start()
                .waitFor();
    }

    @Test
    void programOfTheReadmeRuns() throws IOException {
        assertThat(said(Page.README)).contains("predicted: ", "speaks ");
        assertThat(Page.README.folder().resolve("model/lapidary.json")).exists();
    }

    @Test
    void programOfTheConceptPageRuns() throws IOException {
        String[] said = said(Page.CONCEPTS).split("\n");

        assertThat(said[said.length - 2]).matches("(ask a person: )?\\[.*]");
        assertThat(Double.parseDouble(said[said.length - 1])).isBetween(0.0, 1.0);
    }

    @Test
    void programOfTheImagePageRuns() throws IOException {
        assertThat(said(Page.IMAGES))
                .containsPattern("R-precision: [01]\\.")
                .containsPattern("accuracy: [01]\\.")
                .contains("zero-shot: OptionalDouble[");
        assertThat(Page.IMAGES.folder().resolve("encoder/onnx/vision_model.onnx"))
                .exists();
        assertThat(Page.IMAGES.folder().resolve("adapted/lapidary.json"))
                .content()
                .contains("\"loss\":\"sparse\"");
    }

    @Test
    void programOfTheMaskPageRuns() throws IOException {
        assertThat(said(Page.MASKS)).contains("dense: ", "maskllm: ", "magnitude: ", "sparsegpt-update: ");
        assertThat(MaskFolder.read(Page.MASKS.folder().resolve("mask")).layers())
                .hasSize(7);
    }

    @Test
    void programsOfThePageAboutRunningRun() throws IOException {
        assertThat(said(Page.RUNNING)).contains("bytes instead of");
        assertThat(Page.RUNNING.folder().resolve("low-rank/compressed.safetensors"))
                .exists();
        assertThat(Page.RUNNING.folder().resolve("ordinary/model.safetensors")).exists();
    }

    @Test
    void servicesOfTheLibraryPageAnswer() throws IOException {
        assertThat(said(Page.LIBRARY))
                .containsPattern("200 predicted: (football|cooking|weather)")
                .contains("found, speaks for")
                .containsPattern("(?m)^200 \\{\"id\":\"0\",\"class\":\"(football|cooking|weather)\",.*"
                        + "\"calibratedProbability\":[01].*\"set\":\\[.*\"abstain\":(true|false).*\"far\":(true|false)")
                .containsPattern("(?m)^200 (?!predicted|\\{).+") // what a language model of three steps writes
                .contains(
                        "400 a text must have letters; got only blanks",
                        "400 a prompt must have letters; got only blanks");
        assertThat(status).isZero();
    }

    /** Returns what a program said, which must have come to its end. */
    private static String said(Page page) throws IOException {
        Path log = page.folder().resolve(ProgramRun.LOG);
        assertThat(log)
                .as("status %d: %s", status, Files.readString(all.resolve("jvm.txt")))
                .exists();
        String said = Files.readString(log);
        assertThat(page.folder().resolve(ProgramRun.FAILED)).as(said).doesNotExist();
        return said;
    }

    private static void writeInputs() throws IOException {
        List<String> rows = new ArrayList<>(Files.readAllLines(SmallNews.write(all.resolve("news.csv"))));
        SmallNews.writeConcepts(all.resolve("concepts.txt"));
        trainClassifier(all.resolve("classifier"));
        trainModel(all.resolve("writer"));

        rows.set(0, "id,text,label");
        Files.write(Page.README.folder().resolve("messages.csv"), rows);
        copy("concepts.txt", Page.README, "concepts.txt");
        for (String file : List.of("news.csv", "concepts.txt")) {
            copy(file, Page.CONCEPTS, file);
        }
        copy("classifier", Page.CONCEPTS, "model");
        lapidary("images", "scenes", "--out", Page.IMAGES.path("scenes"), "--count", "80", "--side", "32");
        for (Page page : List.of(Page.MASKS, Page.RUNNING)) {
            copy("writer", page, "model");
            copy("book.txt", page, "book.txt");
        }
        for (Page page : List.of(Page.RUNNING, Page.LIBRARY)) {
            lapidary("lm", "pack", "--model", all.resolve("writer") + "", "--out", page.path("model.lapidary"));
        }
        copy("classifier", Page.LIBRARY, "model");
    }

    private static void copy(String file, Page page, String name) throws IOException {
        Path from = all.resolve(file);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, page.folder().resolve(name).resolve(from.relativize(each)));
            }
        }
    }

    private static void trainClassifier(Path out) {
        String train = "concepts train --text story --label topic --seeds 1 --nec 4 --activation-cutoff -1";
        List<Object> files =
                List.of("--data", all.resolve("news.csv"), "--concepts", all.resolve("concepts.txt"), "--out", out);
        lapidary(Stream.concat(Stream.of(train.split(" ")), files.stream().map(Object::toString))
                .toArray(String[]::new));
    }

    private static void trainModel(Path out) throws IOException {
        Path book = Files.writeString(all.resolve("book.txt"), "The whale is white, the sea is wide. ".repeat(200));
        List<String> train = List.of("lm", "train", "--text", book.toString(), "--out", out.toString());
        List<String> sizes = List.of("--layers 1 --width 16 --heads 2 --vocab 270 --context 16 --steps 3".split(" "));
        lapidary(Stream.concat(train.stream(), sizes.stream()).toArray(String[]::new));
    }

    private static void lapidary(String... arguments) {
        var said = new ByteArrayOutputStream();
        var out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(Main.run(arguments, out, out))
                .as(said.toString(StandardCharsets.UTF_8))
                .isZero();
    }

    private static void compile() throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("--add-modules=jdk.incubator.vector", "-proc:none", "-nowarn"));
        arguments.addAll(List.of("-cp", System.getProperty("java.class.path"), "-d", all.resolve("classes") + ""));
        for (Page page : Page.values()) {
            Path source = all.resolve(page.program() + ".java");
            arguments.add(Files.writeString(source, program(page)).toString());
        }
        var said = new ByteArrayOutputStream();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.run(null, said, said, arguments.toArray(String[]::new)))
                .as(said.toString(StandardCharsets.UTF_8))
                .isZero();
    }

    /** Returns a class whose main method holds the statements of a page, all of its blocks one after the other. */
    private static String program(Page page) throws IOException {
        String statements = JAVA.matcher(Files.readString(page.file))
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining());
        assertThat(statements).as(page.file + " shows a Java program").isNotEmpty();
        if (page == Page.LIBRARY) {
            statements = statements.replaceAll("808[01]", "0") + ASK;
        }
        String imports = IMPORTS.stream().map(name -> "import " + name + ";\n").collect(Collectors.joining());
        return imports + "public final class " + page.program()
                + " {\npublic static void main(String[] args) throws Exception {\n" + statements + "}\n}\n";
    }
}
