package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.systems.Catalogue;
import dev.lapidary.systems.SystemsPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultPagesTest {
    private static final Path DOCS = Path.of("..", "docs").toAbsolutePath().normalize();

    @Test
    void aResultShowsTheKernelsOfOpenBlas(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("b.json"), """
                {"name": "prefill", "ratio": 0.65432, "openBlas": "SkylakeX", "openBlasThreads": 2, "equal": true}
                """);
        Files.writeString(folder.resolve("a.json"), "{\"name\": \"older\", \"ratio\": 2}");
        assertThat(ResultPages.benchmarks(folder)).endsWith("""
                ## older

                | | |
                |---|---|
                | ratio | 2 |

                ## prefill

                | | |
                |---|---|
                | ratio | 0.6543 |
                | openBlas | SkylakeX |
                | openBlasThreads | 2 |
                | equal | true |

                """);
    }

    @Test
    void thePageOfSpeedIsThatOfItsEvidence() throws IOException {
        assertThat(DOCS.resolve("benchmarks.md"))
                .hasContent(ResultPages.benchmarks(DOCS.resolve("evidence").resolve("bench")));
    }

    @Test
    void thePageOfSystemsIsThatOfTheCatalogue() {
        assertThat(DOCS.resolve("systems.md")).hasContent(SystemsPage.of(Catalogue.load()));
    }

    @Test
    void theReadmeCountsTheSystemsAsTheCatalogueDoes() throws IOException {
        assertThat(Files.readString(DOCS.resolveSibling("README.md"))).contains(SystemsPage.counts(Catalogue.load()));
    }
}
