package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README and docs show commands that work as they are written, in their order, in a folder with nothing in it. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final String CONCEPT_DEMO = DocumentedCommands.DEMOS.get(0);
    private static final String MASK_DEMO = DocumentedCommands.DEMOS.get(1);

    /** What one JVM said that ran all pages, so that PyTorch is loaded and the kernels are compiled once. */
    private static String said = "";

    static Stream<String> pages() {
        return Stream.of(
                "README.md",
                "docs/concept-classifier.md",
                "docs/images.md",
                "docs/mask-learning.md docs/running-models.md");
    }

    @BeforeAll
    static void runAllPages(@TempDir Path folder) throws IOException, InterruptedException {
        writeDemos(folder);
        String[] groups = pages().map(DocumentedCommandsTest::group).toArray(String[]::new);
        Process process = ForkedJvm.of(DocumentedCommands.class, groups)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static String group(String pages) {
        return Arrays.stream(pages.split(" "))
                .map(page -> ROOT.resolve(page).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void commandsOfAPageRun(String pages) {
        assertThat(said.lines()).contains(DocumentedCommands.ending(group(pages), true));
    }

    /** What the demos leave that other commands read. */
    private static void writeDemos(Path folder) throws IOException {
        Path classifier = Files.createDirectories(folder.resolve(CONCEPT_DEMO));
        for (String file : List.of("city-requests.csv", "concepts.txt")) {
            try (InputStream in = Main.class.getResourceAsStream("demo/" + file)) {
                Files.copy(Objects.requireNonNull(in), classifier.resolve(file));
            }
        }
        Path mask = Files.createDirectories(folder.resolve(MASK_DEMO));
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
