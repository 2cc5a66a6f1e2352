package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectFilesTest {
    @Test
    void dataComeFromTheNamedFolderAloneAndWhatIsMissingIsSaid(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("news.csv"), "label,text");
        assertThat(ProjectFiles.data(folder.toString(), "news.csv", "news.csv")).isEqualTo(file);
        assertThatThrownBy(() -> ProjectFiles.data(null, "news.csv", "news.csv (columns label, text)"))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "LAPIDARY_DATA must name a folder with news.csv (columns label, text); got no such variable:"
                                + " CONTRIBUTING.md says where the data come from");
        assertThatThrownBy(() -> ProjectFiles.data(folder.toString(), "book.txt", "book.txt"))
                .hasMessageContaining("got no file " + folder.resolve("book.txt"));
    }
}
