package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java program that README.md shows, in a folder with the files that it names. */
class ReadmeSnippetTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    /** Where the types that the program names come from; a program in somebody's project would import them so. */
    private static final List<String> IMPORTS = List.of(
            "dev.lapidary.concept.bottleneck.*",
            "dev.lapidary.concept.explain.*",
            "dev.lapidary.data.*",
            "dev.lapidary.encode.*",
            "dev.lapidary.runtime.*",
            "java.nio.file.Path",
            "java.util.List");

    @TempDir
    private Path folder;

    @Test
    void programOfTheReadmeRuns() throws IOException, InterruptedException {
        Matcher block = JAVA.matcher(Files.readString(README));
        assertThat(block.find()).as("README.md shows a Java program").isTrue();
        Path source = Files.writeString(folder.resolve("Snippet.java"), program(block.group(1)));
        writeInputs();
        Path log = folder.resolve("log.txt");

        List<String> command = new ArrayList<>(ForkedJvm.of(Main.class).command());
        command.removeLast();
        command.addAll(List.of("--add-modules=jdk.incubator.vector", source.toString()));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();

        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        assertThat(Files.readString(log)).contains("predicted: ", "because:");
        assertThat(folder.resolve("model/lapidary.json")).exists();
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
