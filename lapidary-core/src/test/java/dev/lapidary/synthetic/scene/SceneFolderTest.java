package dev.lapidary.synthetic.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneFolderTest {
    private static final SceneSettings SETTINGS =
            SceneSettings.defaults().withCount(60).withSeed(7);

    @TempDir
    private Path place;

    private static SceneReport write(Path folder, SceneSettings settings) {
        return SceneFolder.write(folder, settings, Progress.silent(), Cancellation.none());
    }

    @Test
    void readersFindTheSameScenes() {
        Path folder = place.resolve("deep/scenes");
        SceneReport report = write(folder, SETTINGS);
        SceneGenerator generator = new SceneGenerator(SETTINGS);

        try (ImageItems items = ImageItems.open(folder.resolve(SceneFolder.SCENES))) {
            List<String> paths = items.items().stream().map(ImageItem::name).toList();
            ConceptLabels labels = ConceptLabels.read(folder.resolve(SceneFolder.CONCEPTS), paths);
            byte[][] rows = labels.rows(paths);
            List<byte[]> pixels = new ArrayList<>();
            assertThat(items.read(16, RgbImage::pixels, batch -> batch.forEach(one -> pixels.add(one.value())))
                            .read())
                    .isEqualTo(60);
            assertThat(paths).hasSize(60).startsWith("images/7-000001.png").endsWith("images/7-000060.png");
            assertThat(labels.names()).isEqualTo(SceneConcept.names());
            for (int i = 0; i < 60; i++) {
                Scene scene = generator.scene(i);
                assertThat(items.items().get(i).label()).contains(scene.label().label());
                assertThat(items.items().get(i).caption()).contains(scene.caption());
                assertThat(pixels.get(i)).isEqualTo(generator.image(i).pixels());
                for (int k = 0; k < rows[i].length; k++) {
                    assertThat(rows[i][k] == 1)
                            .isEqualTo(SceneConcept.list().get(k).holds().test(scene));
                }
            }
        }
        assertThat(ConceptSet.read(folder.resolve(SceneFolder.NAMES), new ConceptLedger())
                        .names())
                .isEqualTo(SceneConcept.names());
        assertThat(report.classes().values().stream().mapToInt(n -> n).sum()).isEqualTo(60);
        assertThat(report.concepts()).containsOnlyKeys(SceneConcept.names());
        assertThat(report.drawn()).isEqualTo(60);
        assertThat(report.imagesPerSecond()).isPositive();
    }

    @Test
    void sharesAreThoseOfTheTable() throws IOException {
        SceneReport report = write(place.resolve("s"), SETTINGS);
        List<String> lines = Files.readAllLines(place.resolve("s/concepts.csv"));
        int column = List.of(lines.getFirst().split(",", -1)).indexOf("a dark background");
        long present = lines.stream()
                .filter(line -> line.split(",", -1)[column].equals("1"))
                .count();

        assertThat(report.concepts()).containsEntry("a dark background", present / 60.0);
        assertThat(present).isBetween(10L, 50L);
    }

    @Test
    void writingGoesOnWhereItStopped() throws IOException {
        Path whole = place.resolve("whole");
        write(whole, SETTINGS);
        Path stopped = place.resolve("stopped");
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() -> SceneFolder.write(stopped, SETTINGS, new StopsAfter(20, cancellation), cancellation))
                .isInstanceOf(CancellationException.class);
        assertThat(stopped.resolve("scenes.csv")).doesNotExist();
        long there = files(stopped).keySet().stream()
                .filter(name -> name.endsWith(".png"))
                .count();
        assertThat(there).isBetween(1L, 59L);
        Files.writeString(stopped.resolve("images/.7-000059.png.lapidary-0f-1.tmp"), "half");
        Path kept = stopped.resolve("images").resolve(firstImage(stopped));
        FileTime past = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(kept, past);

        SceneReport report = write(stopped, SETTINGS);

        assertThat(report.drawn()).isEqualTo(60 - (int) there);
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(past);
        assertThat(files(stopped)).isEqualTo(files(whole));
        SceneReport again = write(stopped, SETTINGS);
        assertThat(again.drawn()).isZero();
        assertThat(again.imagesPerSecond()).isZero();
    }

    private static String firstImage(Path folder) throws IOException {
        try (Stream<Path> images = Files.list(folder.resolve("images"))) {
            return images.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The bytes of all files by their paths. */
    private static Map<String, List<Byte>> files(Path folder) throws IOException {
        Map<String, List<Byte>> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                List<Byte> bytes = new ArrayList<>();
                for (byte one : Files.readAllBytes(path)) {
                    bytes.add(one);
                }
                files.put(folder.relativize(path).toString(), bytes);
            }
        }
        return files;
    }

    @Test
    void otherScenesAreNotMixedIn() throws IOException {
        Path folder = place.resolve("s");
        write(folder, SETTINGS);
        Map<String, List<Byte>> before = files(folder);
        for (SceneSettings other : List.of(
                SETTINGS.withCount(61),
                SETTINGS.withSeed(8),
                SETTINGS.withSide(33),
                new SceneSettings(60, 7, 32, ObjectCount.parse("2")))) {
            assertThatThrownBy(() -> write(folder, other))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("s: must be new, empty or of the same scenes, count ")
                    .hasMessageEndingWith("; got count 60, seed 7, side 32, objects 1-3");
        }
        assertThat(files(folder)).isEqualTo(before);
    }

    @Test
    void foldersOfSomethingElseAreRefused() throws IOException {
        Path user = Files.createDirectory(place.resolve("user"));
        Files.writeString(user.resolve("notes.txt"), "mine");
        refused(user, "must be new, empty or a folder of scenes; got one with notes.txt");
        refused(Files.writeString(place.resolve("file"), "x"), "file: must be a folder; got a file");
        Path other = Files.createDirectory(place.resolve("other"));
        Path marker = other.resolve("lapidary.json");
        Files.writeString(marker, "{\"format\":\"lapidary-mask\",\"version\":1}");
        refused(other, "format must be lapidary-scenes version 1; got lapidary-mask version 1");
        Files.writeString(marker, "{\"format\":\"lapidary-scenes\",\"version\":2}");
        refused(other, "got lapidary-scenes version 2");
        Files.writeString(marker, "{\"format\":\"lapidary-scenes\",\"version\":1,\"count\":60}");
        refused(other, "lapidary.json: must have seed; got none");
        Files.writeString(
                marker,
                "{\"format\":\"lapidary-scenes\",\"version\":1,\"count\":60,\"seed\":7,\"side\":32,\"objects\":\"1-3\",\"x\":1}");
        refused(other, "must have settings of the names [count, seed, side, objects]; got x");
        Files.writeString(marker, "not JSON");
        refused(other, "must be JSON; got");
        Files.writeString(marker, "{}");
        refused(other, "got none version 0");
        Files.writeString(marker, " ".repeat(1 << 17));
        refused(other, "must have at most 65536 bytes");
        assertThat(user.resolve("notes.txt")).hasContent("mine");
        assertThat(other.resolve("images")).doesNotExist();
    }

    @Test
    void linksOutOfTheFolderAreRefused() throws IOException {
        Path folder = place.resolve("s");
        write(folder, SETTINGS.withCount(2));
        Path outside = Files.writeString(place.resolve("outside"), "mine");
        for (String name : List.of("images/7-000002.png", "scenes.csv", "concepts.csv", "concepts.txt")) {
            Path file = folder.resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            Files.createSymbolicLink(file, outside);
            assertThatThrownBy(() -> write(folder, SETTINGS.withCount(2)))
                    .isInstanceOf(InputException.class)
                    .hasMessageEndingWith(": must be a file; got a link or something else");
            Files.delete(file);
            Files.write(file, bytes);
        }
        assertThat(outside).hasContent("mine");
    }

    private static void refused(Path folder, String message) {
        assertThatThrownBy(() -> write(folder, SETTINGS))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
