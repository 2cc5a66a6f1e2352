package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** README and docs show commands that work as they are written, in their order, in a folder with nothing in it. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/concept-classifier.md",
                "docs/images.md",
                "docs/mask-learning.md docs/running-models.md"
            })
    void commandsOfAPageRun(String pages) throws IOException, InterruptedException {
        writeDemos();
        String[] paths = Arrays.stream(pages.split(" "))
                .map(page -> ROOT.resolve(page).toString())
                .toArray(String[]::new);
        ProcessBuilder builder = ForkedJvm.of(DocumentedCommands.class, paths);
        Process process =
                builder.directory(folder.toFile()).redirectErrorStream(true).start();

        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
    }

    /** What the demos leave that other commands read. */
    private void writeDemos() throws IOException {
        Path classifier = Files.createDirectories(folder.resolve("lapidary-demo"));
        for (String file : List.of("city-requests.csv", "concepts.txt")) {
            try (InputStream in = Main.class.getResourceAsStream("demo/" + file)) {
                Files.copy(Objects.requireNonNull(in), classifier.resolve(file));
            }
        }
        Path mask = Files.createDirectories(folder.resolve("lapidary-mask-demo"));
        Files.writeString(mask.resolve("definitions.txt"), definitions(0, 8000));
        Files.writeString(mask.resolve("held-out.txt"), definitions(8000, 8100));
    }

    private static String definitions(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(
                        i -> "thing " + i + ": a " + (i % 3 == 0 ? "small" : "large") + " one of kind " + i % 7 + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void everyPageWithCommandsIsRun() throws IOException {
        List<String> run = List.of("concept-classifier.md", "images.md", "mask-learning.md", "running-models.md");
        try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).toList()) {
                if (!run.contains(page.getFileName().toString())) {
                    assertThat(DocumentedCommands.lines(Files.readString(page)))
                            .as(page + " is not run")
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void linesAreReadAsAShellWould() {
        String page =
                "```sh\n# nothing\n./lapidary lm train --text a.txt \\\n    --prompt \"a b\" --steps 400  # why\n```\n";

        assertThat(DocumentedCommands.lines(page))
                .containsExactly("./lapidary lm train --text a.txt --prompt \"a b\" --steps 400");
        assertThat(DocumentedCommands.words("lm train --text a.txt --prompt \"a b\" --steps 400"))
                .startsWith("lm", "train", "--text", "a.txt", "--prompt", "a b", "--steps", "4", "--layers", "1");
    }
}
