package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LabelNamesTest {
    /** Three classes, each once plain and once as files have them. */
    private static final List<String> WRITTEN = List.of(
            "Network",
            "Network\u200b",
            "Billing\u00a0",
            " \ufeffBilling\t",
            "Z\u00fcrich",
            "Zu\u0308rich\u2003",
            "",
            "\u00a0\u200b");

    private static final List<String> READ = List.of("Billing", "Network", "Z\u00fcrich");

    @TempDir
    private Path folder;

    @Test
    void endsDoNotCountAndLettersAreComposed() {
        assertThat(LabelNames.clean("\u00a0\u200b Zu\u0308rich\u00ad\u2060\n")).isEqualTo("Z\u00fcrich");
        assertThat(LabelNames.clean("a\u00a0b")).isEqualTo("a\u00a0b");
        assertThat(LabelNames.clean("\ufeff \u180e")).isEmpty();
        assertThat(LabelNames.clean("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
    }

    @Test
    void everyFormOfFileHasOneRule() throws IOException {
        StringBuilder csv = new StringBuilder("text,label\n");
        StringBuilder json = new StringBuilder();
        StringBuilder texts = new StringBuilder("text\n");
        for (String label : WRITTEN) {
            csv.append("words,\"").append(label).append("\"\n");
            json.append("{\"text\": \"words\", \"label\": \"")
                    .append(label.replace("\t", "\\t"))
                    .append("\"}\n");
            texts.append("words\n");
        }
        Path labels = Files.writeString(folder.resolve("labels.txt"), String.join("\n", WRITTEN) + "\n");
        Path table = Files.writeString(folder.resolve("texts.csv"), texts);
        requireSame(DataSource.of(Files.writeString(folder.resolve("a.csv"), csv)));
        requireSame(DataSource.of(Files.writeString(folder.resolve("a.jsonl"), json)));
        requireSame(new DataSource(table, List.of(), Optional.empty(), Optional.of(labels)));
        Path tensors = folder.resolve("a.safetensors");
        int n = WRITTEN.size();
        SafetensorsWriter.write(tensors, List.of(TensorView.of("x", new float[n], n, 1)), Map.of());
        requireSame(new DataSource(tensors, List.of(), Optional.empty(), Optional.of(labels)));
        Path numbered = folder.resolve("b.safetensors");
        SafetensorsWriter.write(
                numbered,
                List.of(
                        TensorView.of("x", new float[n], n, 1),
                        TensorView.of("labels", new int[] {0, 1, 2, 3, 4, 5, 6, 7}, n)),
                Map.of(
                        "classes",
                        "[\"Network\", \"Network\u200b\", \"Billing\u00a0\", \"Billing\", \"Z\u00fcrich\", "
                                + "\"Zu\u0308rich\", \"\", \" \"]"));
        requireSame(DataSource.of(numbered));
    }

    private static void requireSame(DataSource source) {
        try (Dataset data = DataReader.read(source)) {
            assertThat(data.classes()).isEqualTo(READ);
            assertThat(data.classCounts()).containsExactly(2, 2, 2);
            assertThat(data.warnings())
                    .singleElement()
                    .asString()
                    .contains("2 items with an empty label left out", "7");
        }
    }

    @Test
    void foldersHaveItToo() throws IOException {
        for (String name : List.of("Zu\u0308rich", "Bern\u00a0", "nan")) {
            Path kind = Files.createDirectories(folder.resolve("data").resolve(name));
            Files.writeString(kind.resolve("a.txt"), "words");
        }
        Dataset data = DataReader.read(DataSource.of(folder.resolve("data")));
        assertThat(data.classes()).containsExactly("Bern", "Z\u00fcrich", "nan");
        assertThat(data.warnings()).singleElement().asString().contains("class [nan] looks like a missing value");
    }

    @Test
    void saysWhichClassesLookAlike() {
        assertThat(LabelNames.warnings(List.of("a", "b"))).isEmpty();
        assertThat(LabelNames.warnings(List.of("Billing", "billing")))
                .containsExactly(
                        "classes [Billing, billing] look alike: they differ in case only; write them the same way where they "
                                + "are one class");
        assertThat(LabelNames.warnings(List.of("0", "0.0", "1", "1.0", "nan")))
                .hasSize(3)
                .anyMatch(line -> line.startsWith("classes [0, 0.0] look alike: they are one number"))
                .anyMatch(line -> line.startsWith("classes [1, 1.0] look alike: they are one number"))
                .anyMatch(line -> line.startsWith("class [nan] looks like a missing value"));
        assertThat(LabelNames.warnings(List.of("on call", "on\u00a0call")))
                .singleElement()
                .asString()
                .contains("[on call, on\\u00a0call]", "white space");
        assertThat(LabelNames.warnings(List.of("ab", "a\u200bb")))
                .singleElement()
                .asString()
                .contains("a\\u200bb");
        assertThat(LabelNames.warnings(List.of("None", "N/A", "NULL", "<NA>")))
                .containsExactly(
                        "classes [None, N/A, NULL, <NA>] look like missing values; leave the label empty where there is none");
        assertThat(LabelNames.warnings(List.of("1e9", "1000000000", "10", "100")))
                .singleElement()
                .asString()
                .contains("1e9");
    }

    @Test
    void saysWhereFoldersOfASplitLieAboveTheClasses() throws IOException {
        for (String name : List.of("train/pos/1", "train/neg/2", "test/pos/3", "test/neg/4")) {
            Path file = folder.resolve("reviews").resolve(name);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, "words");
        }
        assertThat(DataReader.read(DataSource.of(folder.resolve("reviews"))).warnings())
                .singleElement()
                .asString()
                .contains("folders [neg, pos] repeat inside the classes [test, train]", "such as test");
        assertThat(DataReader.readUnlabelled(DataSource.of(folder.resolve("reviews")))
                        .warnings())
                .isEmpty();
        assertThat(DataReader.read(DataSource.of(folder.resolve("reviews/train")))
                        .warnings())
                .isEmpty();
    }

    @Test
    void rowsWithAnIdKeepIt() throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "id,text,label\nA7,one,a\n ,two,b\nrow 2,three,a\n");
        Dataset data = DataReader.read(DataSource.of(file));
        assertThat(List.of(data.id(0), data.id(1), data.id(2))).containsExactly("A7", "row 2'", "row 2");
        assertThat(data.warnings())
                .containsExactly(file + ": 1 id is empty; such items are named by their row, first 'row 2''");
        assertThat(data.indexOf("A7")).isZero();
    }

    @Test
    void aClassOfAnEarlierVersionIsFound() {
        Dataset data = Dataset.ofTexts(List.of("x", "y"), List.of("Bern", "Z\u00fcrich"));
        Dataset known = data.relabel(List.of("Z\u00fcrich\u00a0", "Bern"));
        assertThat(known.label(0)).isEqualTo(1);
        assertThat(known.label(1)).isZero();
        assertThat(known.classes()).containsExactly("Z\u00fcrich\u00a0", "Bern");
    }
}
