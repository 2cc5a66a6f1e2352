package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.image.ImageItems;
import dev.lapidary.synthetic.scene.SceneClass;
import dev.lapidary.synthetic.scene.SceneConcept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lapidary images scenes}. */
class ImagesScenesCommandTest {
    @TempDir
    private Path place;

    private Path out;

    @BeforeEach
    void nameFolder() {
        out = place.resolve("scenes");
    }

    private CommandRun scenes(Object... more) {
        Stream<Object> command = Stream.of("images", "scenes", "--out", out);
        return CommandRun.of(Stream.concat(command, Arrays.stream(more)).toArray());
    }

    @Test
    void jsonTellsWhatWasWritten() {
        CommandRun run = scenes("--count", 40, "--seed", 3, "--side", 48, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().propertyNames())
                .containsExactlyInAnyOrder("count", "drawn", "classes", "concepts", "imagesPerSecond", "folder");
        assertThat(run.number("count")).isEqualTo(40);
        assertThat(run.number("drawn")).isEqualTo(40);
        assertThat(run.number("imagesPerSecond")).isPositive();
        assertThat(run.json("folder").asString()).isEqualTo(out.toString());
        assertThat(run.json("classes").propertyNames())
                .containsExactlyElementsOf(
                        Stream.of(SceneClass.values()).map(SceneClass::label).toList());
        assertThat(run.json("classes").valueStream().mapToInt(n -> n.intValue()).sum())
                .isEqualTo(40);
        assertThat(run.json("concepts").propertyNames()).containsExactlyElementsOf(SceneConcept.names());
        double dark = run.json("concepts").path("a dark background").doubleValue();
        double light = run.json("concepts").path("a light background").doubleValue();
        assertThat(dark + light).isEqualTo(1);
        try (ImageItems items = ImageItems.open(out.resolve("scenes.csv"))) {
            assertThat(items.read(
                                    16,
                                    image -> image.width(),
                                    batch -> batch.forEach(
                                            one -> assertThat(one.value()).isEqualTo(48)))
                            .read())
                    .isEqualTo(40);
        }
    }

    @Test
    void itGoesOnButNeverMixes() throws IOException {
        assertThat(scenes("--count", 12, "--objects", 2).status()).isZero();
        Files.delete(out.resolve("images/000005.png"));
        Files.delete(out.resolve("scenes.csv"));
        Files.writeString(out.resolve("images/.000005.png.lapidary-aa-1.tmp"), "half"); // as a killed process leaves

        CommandRun again = scenes("--count", 12, "--objects", 2, "--json");
        CommandRun other = scenes("--count", 13, "--json");

        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.number("drawn")).isEqualTo(1);
        assertThat(out.resolve("scenes.csv")).exists();
        assertThat(out.resolve("images/.000005.png.lapidary-aa-1.tmp")).doesNotExist();
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err())
                .contains(
                        "must be new, empty or of the same scenes, count 13",
                        "got count 12, seed 0, side 32, objects 2");
    }

    @Test
    void textNamesClassesAndConcepts() {
        CommandRun run = scenes("--count", 20);

        assertThat(run.out())
                .startsWith("20 scenes in " + out + "; 20 drawn now, ")
                .contains("class ", "red with stripes", "concept ", "something red", "%");
        assertThat(run.out().lines()).hasSize(3 + 6 + 2 + SceneConcept.names().size());
    }

    @ParameterizedTest
    @CsvSource({
        "--side, 8, 'side must be from 16 to 512; got 8'",
        "--count, 0, 'count must be from 1 to 1000000; got 0'",
        "--seed, x, --seed",
        "--objects, 0-2, 'objects must be a number from 1 to 3 or a range such as 1-3; got 0-2'",
    })
    void badOptionsAreOneLineAndNothingIsWritten(String option, String value, String message) {
        CommandRun run = scenes(option, value, "--json");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.json("error").asString()).contains(message);
        assertThat(out).doesNotExist();
    }

    @Test
    void helpSaysTheDefaults() {
        assertThat(CommandRun.of("images", "scenes", "--help").out().replaceAll("\\s+", " "))
                .contains("Default: 10000.", "Default: 0.", "from 16 to 512. Default: 32.", "Default: 1-3.");
    }
}
