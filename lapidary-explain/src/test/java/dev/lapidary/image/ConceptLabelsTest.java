package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConceptLabelsTest {
    private static final List<String> IMAGES = List.of("a.png", "deep/b.png", "c.png");

    @TempDir
    private Path folder;

    private ConceptLabels read(String text) throws IOException {
        return ConceptLabels.read(Files.writeString(folder.resolve("concepts.csv"), text), IMAGES);
    }

    @Test
    void rowsComeInTheOrderAskedFor() throws IOException {
        ConceptLabels labels = read("a wing,File_Name,\"red, or nearly\"\n1,c.png,0\n0,deep/b.png,\n , a.png , 1 \n");

        assertThat(labels.names()).containsExactly("a wing", "red, or nearly");
        assertThat(labels.rows(List.of("a.png", "deep/b.png", "c.png", "a.png")))
                .isDeepEqualTo(new byte[][] {{-1, 1}, {0, -1}, {1, 0}, {-1, 1}});
    }

    @Test
    void aRowHandedOutIsACopy() throws IOException {
        ConceptLabels labels = read("path,x\na.png,1\n");
        labels.rows(List.of("a.png"))[0][0] = 0;

        assertThat(labels.rows(List.of("a.png"))[0][0]).isEqualTo((byte) 1);
    }

    @Test
    void jsonLinesAreRead() throws IOException {
        Path file = Files.writeString(
                folder.resolve("c.jsonl"),
                "{\"image\":\"a.png\",\"x\":1,\"y\":\"\"}\n{\"image\":\"c.png\",\"x\":0,\"y\":1}\n");

        assertThat(ConceptLabels.read(file, IMAGES).rows(List.of("a.png", "c.png")))
                .isDeepEqualTo(new byte[][] {{1, -1}, {0, 1}});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "path,x;a.png,2         | concepts.csv: labels must be 0, 1 or empty; got '2' for 'x' on line 2",
                "path,x;a.png,true      | got 'true' for 'x' on line 2",
                "path,x;a.png,1;z.png,1 | concepts.csv: line 3 must name an image of the data; got 'z.png'",
                "path,x;../a.png,1      | must name an image of the data; got '../a.png'",
                "path,x;,1              | must name an image of the data; got ''",
                "path,x;a.png,1;a.png,1 | images must have one row each; got 'a.png' again on line 3",
                "path,x,x;a.png,1,1     | distinct names; got 'x' twice",
                "path;a.png             | must have columns of 1 to 10000 concepts beside the paths; got 0",
                "name,x;a.png,1         | must name a column of image paths [path, image",
                "path,x,y;a.png,1       | concepts.csv: must be separated and quoted as RFC 4180 says",
            })
    void badFilesAreOneLine(String text, String message) {
        assertThatThrownBy(() -> read(text.replace(';', '\n') + "\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void missingFilesAndRowsAreOneLine() throws IOException {
        assertThatThrownBy(() -> ConceptLabels.read(folder.resolve("none.csv"), IMAGES))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("none.csv: must be a .csv, .tsv or .jsonl file of concept labels; got nothing");
        assertThatThrownBy(() -> read("")).isInstanceOf(InputException.class).hasMessageContaining("empty");
        ConceptLabels labels = read("path,x\na.png,1\n");
        assertThatThrownBy(() -> labels.rows(List.of("a.png", "c.png")))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("concepts.csv: must have a row for every image; got none for [c.png]");
    }
}
