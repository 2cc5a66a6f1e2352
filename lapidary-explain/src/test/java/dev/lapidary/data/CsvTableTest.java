package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CsvTableTest {
    @TempDir
    private Path folder;

    private Table table(String name, String content, Charset charset) throws IOException {
        return DataReader.table(Files.write(folder.resolve(name), content.getBytes(charset)));
    }

    private Table table(String content) throws IOException {
        return table("a.csv", content, StandardCharsets.UTF_8);
    }

    private static List<String> rows(Table table) {
        List<String> rows = new ArrayList<>();
        table.rows((line, values) -> rows.add(line + " " + String.join("|", values)));
        return rows;
    }

    @ParameterizedTest
    @ValueSource(chars = {',', ';', '\t', '|'})
    void findsWhatSeparates(char separator) throws IOException {
        String text = "text;label\n\"one; two, \"\"three\"\"\n|\t four\";a\n\nfive;b\n"
                .replace("text;label", "text" + separator + "label")
                .replace("\";a", "\"" + separator + "a")
                .replace("five;b", "five" + separator + "b");
        for (String name : List.of("a.csv", "a.tsv", "a.txt")) {
            Table table = table(name, text, StandardCharsets.UTF_8);
            assertThat(table.columns()).containsExactly("text", "label");
            assertThat(rows(table)).containsExactly("2 one; two, \"three\"\n|\t four|a", "5 five|b");
        }
    }

    @Test
    void commasInAHeaderOfSemicolonsDoNotCount() throws IOException {
        Table table = table("Preis, netto;Team\n1;x\n2,5;y\n");
        assertThat(table.columns()).containsExactly("Preis, netto", "Team");
        assertThat(rows(table)).containsExactly("2 1|x", "3 2,5|y");
        assertThat(table("text,label\na;b,c\n").columns()).containsExactly("text", "label");
        assertThat(table("text\none, two\n").columns()).containsExactly("text");
    }

    @Test
    void takesTheSeparatorThatIsAskedFor() throws IOException {
        Path path = Files.writeString(folder.resolve("a.csv"), "text,x;label\none,1;a\ntwo,2;b\n");
        DataSource source = DataSource.of(path);
        assertThat(DataReader.read(source.withDelimiter(Optional.of(';'))).classes())
                .containsExactly("a", "b");
        assertThatThrownBy(() -> DataReader.read(source)).hasMessageContaining("got columns [text, x;label]");
        Path json = Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"x\", \"label\": \"a\"}\n");
        assertThatThrownBy(() -> DataReader.read(DataSource.of(json).withDelimiter(Optional.of(';'))))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("--delimiter must be left out for JSON lines; got ';'");
    }

    @Test
    void readsTheLineThatExcelPutsInFront() throws IOException {
        Table table = table("\ufeffSEP=|\r\ntext,x|label\r\none|a\r\n");
        assertThat(table.columns()).containsExactly("text,x", "label");
        assertThat(rows(table)).containsExactly("3 one|a");
    }

    @Test
    void readsUtf16WithAMark() throws IOException {
        String text = "\ufeffMeldung\tTeam\r\nGr\u00fc\u00dfe \u4e0a\u010a \ud83d\ude00\tNetz\r\nx\tB\u00fcro\r\n";
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_8)) {
            for (String name : List.of("unicode.txt", "unicode.csv")) {
                Table table = table(name, text, charset);
                assertThat(table.columns()).containsExactly("Meldung", "Team");
                assertThat(rows(table))
                        .containsExactly("2 Gr\u00fc\u00dfe \u4e0a\u010a \ud83d\ude00|Netz", "3 x|B\u00fcro");
            }
        }
        assertThatThrownBy(() -> table("a.csv", text.substring(1), StandardCharsets.UTF_16LE))
                .hasMessageEndingWith("text must be UTF-8, or UTF-16 with a byte order mark; got UTF-16 without one");
        byte[] lone = {(byte) 0xff, (byte) 0xfe, 'a', 0, '\n', 0, 0, (byte) 0xdc};
        Path file = Files.write(folder.resolve("lone.csv"), lone);
        assertThatThrownBy(() -> DataReader.table(file))
                .hasMessageContaining("text must be UTF-16LE; got byte 0x00 at line 2 (byte offset 6)");
    }

    @Test
    void unnamedColumnsAreLeftOut() throws IOException {
        Table table = table(",text,label,,\n0,one,a,,\n1,two,b,,x\n");
        assertThat(table.columns()).containsExactly("text", "label");
        assertThat(rows(table)).containsExactly("2 one|a", "3 two|b");
        assertThatThrownBy(() -> table(",\n1,2\n"))
                .hasMessageContaining("the header must name columns; got 2 without a name");
    }

    @Test
    void spacesThatDoNotShowInAHeaderDoNotCount() throws IOException {
        Path path =
                Files.writeString(folder.resolve("a.csv"), "Text\u200b,Das\u00a0Team\u00a0,x\u200by\none,a,\ntwo,b,\n");
        DataSource source = new DataSource(path, List.of("Text"), Optional.of("Das Team"), Optional.empty());
        assertThat(DataReader.read(source).classes()).containsExactly("a", "b");
        assertThatThrownBy(() ->
                        DataReader.read(new DataSource(path, List.of("Text"), Optional.of("xy"), Optional.empty())))
                .hasMessageContaining(
                        "must name a column of [Text, Das\\u00a0Team, x\\u200by]; got 'xy'; did you mean 'x\\u200by'?");
    }
}
