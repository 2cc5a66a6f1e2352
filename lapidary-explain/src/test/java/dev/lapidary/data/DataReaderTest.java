package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataReaderTest {
    @TempDir
    Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static Dataset read(Path path) {
        return DataReader.read(DataSource.of(path));
    }

    private static DataSource columns(Path path, List<String> text, String label) {
        return new DataSource(path, text, Optional.of(label), Optional.empty());
    }

    private static void refuses(Path path, String... parts) {
        refuses(DataSource.of(path), parts);
    }

    private static void refuses(DataSource source, String... parts) {
        assertThatThrownBy(() -> DataReader.read(source))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("\n");
    }

    @Test
    void joinsTitleAndTextOfQuotedCsvWithByteOrderMark() throws IOException {
        Path path = file(
                "a.csv",
                "\ufefflabel,title,text\r\nb,One,\"first, \"\"quoted\"\"\nline\"\r\na,Two,second\r\n b ,,third\r\n");
        Dataset data = read(path);
        assertThat(data.texts()).containsExactly("One. first, \"quoted\"\nline", "Two. second", "third");
        assertThat(data.classes()).containsExactly("a", "b");
        assertThat(data.label(0)).isEqualTo(1);
        assertThat(data.label(1)).isZero();
        assertThat(data.label(2)).isEqualTo(1);
        assertThat(data.id(2)).isEqualTo("3");
        assertThat(data.indexOf("2")).isEqualTo(1);
        assertThat(data.columns()).isEqualTo(new DatasetColumns(List.of("title", "text"), Optional.of("label")));
        assertThat(data.warnings()).isEmpty();
    }

    @Test
    void readsTabsAndAskedColumnsAndIds() throws IOException {
        Path path = file("a.tsv", "ID\tone\ttwo\tkind\nx\tp\tq\ta\ny\tr\ts\tb\n");
        Dataset data = DataReader.read(columns(path, List.of("two", "one"), "kind"));
        assertThat(data.texts()).containsExactly("q. p", "s. r");
        assertThat(data.id(1)).isEqualTo("y");
        assertThat(data.indexOf("y")).isEqualTo(1);
        assertThat(data.indexOf("z")).isEqualTo(-1);
    }

    @Test
    void readsJsonLinesWithMissingFieldsAndNumbers() throws IOException {
        Path path = file(
                "a.jsonl",
                "{\"text\": \"one\", \"label\": 1}\n\n{\"label\": 2, \"text\": \"two\", \"more\": {\"x\": [1]}}\n{\"label\": 1}\n");
        Dataset data = read(path);
        assertThat(data.texts()).containsExactly("one", "two");
        assertThat(data.classes()).containsExactly("1", "2");
        assertThat(data.warnings())
                .singleElement()
                .asString()
                .contains("1 item with an empty text left out, first row 3 (line 4)");
    }

    @Test
    void leavesOutRowsWithoutTextOrLabelAndKeepsTheirNumbers() throws IOException {
        Dataset data = read(file("a.csv", "text,label\none,a\n  ,a\nthree,\nfour,b\n"));
        assertThat(data.texts()).containsExactly("one", "four");
        assertThat(data.id(1)).isEqualTo("4");
        assertThat(data.indexOf("4")).isEqualTo(1);
        assertThat(data.warnings())
                .containsExactly(
                        folder + "/a.csv: 1 item with an empty text left out, first row 2 (line 3)",
                        folder + "/a.csv: 1 item with an empty label left out, first row 3 (line 4)");
    }

    @Test
    void repeatedIdsGiveWayToRowNumbers() throws IOException {
        Dataset data = read(file("a.csv", "id,text,label\n7,one,a\n7,two,b\n"));
        assertThat(data.id(1)).isEqualTo("2");
        assertThat(data.warnings()).singleElement().asString().contains("not unique");
    }

    @Test
    void readsWhatIsToBePredictedWithoutLabels() throws IOException {
        Dataset data = DataReader.readUnlabelled(DataSource.of(file("a.csv", "text\none\n")));
        assertThat(data.labelled()).isFalse();
        assertThat(data.label(0)).isEqualTo(-1);
        Path labelled = file("b.csv", "label,words\na,one\n");
        assertThat(DataReader.readUnlabelled(DataSource.of(labelled)).texts()).containsExactly("one");
        assertThat(DataReader.readForEvaluation(DataSource.of(labelled)).classes())
                .containsExactly("a");
    }

    @Test
    void takesLabelsFromAnotherFile() throws IOException {
        Path texts = file("a.csv", "text\none\ntwo\n");
        Path labels = file("labels.txt", "a\nb\n\n");
        Dataset data = DataReader.read(new DataSource(texts, List.of(), Optional.empty(), Optional.of(labels)));
        assertThat(data.label(1)).isEqualTo(1);
        Path column = file("labels.csv", "n,label\n1,a\n2,b\n3,c\n");
        refuses(
                new DataSource(texts, List.of(), Optional.empty(), Optional.of(column)),
                "one label per item; got 3 labels in " + column + " for 2 items");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "missing.csv | | must be a file or folder with data; got nothing at this path",
                "a.csv | '' | must hold items; got an empty file",
                "a.csv | 'text,label\n' | must hold at least one item; got none",
                "a.csv | 'It rained,World\nWe won,Sports\n' | must name a label column",
                "a.csv | 'words,more,label\na,b,c\n' | must name a text column",
                "a.csv | 'text,label\none,a\ntwo,a\n' | at least two classes; got only [a]",
                "a.csv | 'text,text,label\none,a,b\n' | distinct names; got ''text'' twice",
                "a.csv | 'text,label\none\n' | RFC 4180",
                "a.csv | 'text,label\none,a,b\n' | RFC 4180",
                "a.csv | 'text,label\n\"one,a\n' | RFC 4180",
                "a.csv | 'text,label\n,a\n,b\n' | got 2 with an empty text or label, first row 1 (line 2)",
                "a.jsonl | '[1]\n' | one JSON object a line; got an array at line 1",
                "a.jsonl | '{\"text\": 1}\n{\"text\"\n' | got another text at line 2",
                "a.jsonl | '{\"a\": 1, \"a\": 2}\n' | got another text at line 1",
                "a.jsonl | '{}\n' | one JSON object with fields a line; got none",
                "a.bin | 'words' | got a file of another kind",
            })
    void refusesBadFilesInOneLine(String name, String content, String message) throws IOException {
        Path path = content == null ? folder.resolve(name) : file(name, content);
        refuses(path, path.toString(), message.replace("''", "'"));
    }

    @Test
    void suggestsTheNearestColumn() throws IOException {
        Path path = file("a.csv", "text,label\none,a\ntwo,b\n");
        refuses(
                columns(path, List.of("txet"), "label"),
                "--text must name a column of [text, label]; got 'txet'; did you mean 'text'?");
        refuses(columns(path, List.of("text"), "zzzzzz"), "--label must name a column", "got 'zzzzzz'");
    }

    @Test
    void refusesALineOfAMillionBytes() throws IOException {
        String most = "x".repeat(999_997);
        assertThat(read(file("a.csv", "text,label\n" + most + ",a\ntwo,b\n")).text(0))
                .hasSize(999_997);
        refuses(
                file("b.csv", "text,label\nshort,a\nx" + most + ",b\n"),
                "a line must be shorter than 1,000,000 bytes; got a longer one at line 3");
        String lines = "word\n".repeat(300_000);
        refuses(
                file("c.csv", "text,label\n\"" + lines + "\",a\n"),
                "a field must be shorter than 1,000,000 characters");
    }

    @Test
    void refusesTextThatIsNotUtf8() throws IOException {
        Path path = folder.resolve("a.csv");
        Files.write(path, "text,label\ncaf\u00e9,a\n".getBytes(StandardCharsets.ISO_8859_1));
        refuses(path, "text must be UTF-8; got byte 0xE9 at line 2 (byte offset 14)");
        byte[] cut = "text,label\nab,\u00e9".getBytes(StandardCharsets.UTF_8);
        Files.write(path, Arrays.copyOf(cut, cut.length - 1));
        refuses(path, "got byte 0xC3 at line 2 (byte offset 14)");
        String far = "text,label\n" + "\u00e9\u4e2d\ud83d\ude00,a\n".repeat(20_000);
        Files.writeString(path, far);
        assertThat(DataReader.readForEvaluation(DataSource.of(path)).size()).isEqualTo(20_000);
        byte[] bytes = far.getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 6] = (byte) 0xff;
        Files.write(path, bytes);
        refuses(path, "got byte 0x", "at line 20001");
    }

    @Test
    void readsAFolderPerClass() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(data.resolve("sports/2020"));
        Files.createDirectories(data.resolve("world"));
        Files.createDirectories(data.resolve("empty"));
        Files.writeString(data.resolve("sports/2020/b.txt"), "won");
        Files.writeString(data.resolve("sports/a"), "lost");
        Files.writeString(data.resolve("sports/.hidden"), "hidden");
        Files.writeString(data.resolve("world/c.txt"), "\ufeffpeace");
        Files.writeString(data.resolve("README"), "about");
        Path secret = file("secret.txt", "secret");
        Files.createSymbolicLink(data.resolve("world/link.txt"), secret);
        Files.createSymbolicLink(data.resolve("world/inside.txt"), data.resolve("world/c.txt"));
        Dataset read = read(data);
        assertThat(read.texts()).containsExactly("won", "lost", "peace", "peace");
        assertThat(read.id(0)).isEqualTo("sports/2020/b.txt");
        assertThat(read.classes()).containsExactly("sports", "world");
        assertThat(read.warnings())
                .hasSize(3)
                .anyMatch(line -> line.contains("1 files outside the class folders"))
                .anyMatch(line -> line.contains("class folder empty has no text files"))
                .anyMatch(line -> line.contains("1 symbolic links that lead out"));
        Files.write(data.resolve("world/d.txt"), new byte[] {'a', (byte) 0x80});
        refuses(data, "d.txt: text must be UTF-8; got byte 0x80 at line 1 (byte offset 1)");
    }

    @Test
    void refusesFoldersWithoutClassesAndLongFiles() throws IOException {
        refuses(folder, "must have one sub-folder of text files per class; got none");
        Path data = Files.createDirectories(folder.resolve("data/a"));
        Files.writeString(data.resolve("a.txt"), "word\n".repeat(200_000));
        refuses(folder.resolve("data"), "a text must be shorter than 1,000,000 bytes; got 1000000");
    }
}
