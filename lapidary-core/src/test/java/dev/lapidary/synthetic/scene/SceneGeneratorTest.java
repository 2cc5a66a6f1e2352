package dev.lapidary.synthetic.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.InputException;
import dev.lapidary.synthetic.scene.SceneBackground.Shade;
import dev.lapidary.synthetic.scene.SceneObject.Pose;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SceneGeneratorTest {
    private static final SceneSettings SETTINGS = SceneSettings.defaults().withCount(2_000);
    private static final SceneGenerator GENERATOR = new SceneGenerator(SETTINGS);
    private static final List<Scene> SCENES =
            IntStream.range(0, SETTINGS.count()).mapToObj(GENERATOR::scene).toList();
    private static final Pose STILL = new Pose(0, 0, 1, 0, 0);
    private static final SceneBackground BLACK = new SceneBackground(Shade.DARK, 0, 0, 0);

    private static boolean[] column(String name) {
        SceneConcept concept = SceneConcept.list().get(SceneConcept.names().indexOf(name));
        boolean[] column = new boolean[SCENES.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = concept.holds().test(SCENES.get(i));
        }
        return column;
    }

    private static double share(boolean[] column) {
        return (double) IntStream.range(0, column.length).filter(i -> column[i]).count() / column.length;
    }

    @Test
    void everyConceptIsPresentInATenthToNineTenths() {
        assertThat(SceneConcept.names())
                .hasSizeGreaterThanOrEqualTo(40)
                .doesNotHaveDuplicates()
                .startsWith("something red")
                .contains("a circle", "a striped texture", "a large object", "an object on the left", "two objects");
        for (String name : SceneConcept.names()) {
            assertThat(share(column(name))).as(name).isBetween(0.1, 0.9);
        }
    }

    @Test
    void classesAndNumbersOfObjectsAreBalanced() {
        Map<SceneClass, int[]> scenes = new EnumMap<>(SceneClass.class); // by their number of objects
        for (Scene scene : SCENES) {
            scenes.computeIfAbsent(scene.label(), label -> new int[4])[
                    scene.objects().size()]++;
        }
        assertThat(scenes).containsOnlyKeys(SceneClass.values());
        scenes.forEach((label, counts) -> {
            assertThat(IntStream.of(counts).sum()).as(label.label()).isBetween(280, 390); // 333 ± 3 deviations
            for (int count = 1; count <= 3; count++) {
                assertThat(counts[count]).as("%s of %d", label, count).isBetween(78, 146); // 111
            }
        });
    }

    @Test
    void theSparseDecisionOfTheTableIsRight() {
        boolean[] red = column("something red");
        boolean[] blue = column("something blue");
        boolean[] striped = column("a striped texture");
        for (int i = 0; i < SCENES.size(); i++) {
            double[] logits = new double[6];
            for (int k = 0; k < 6; k++) {
                double colour = k < 2 ? (red[i] ? 4 : 0) : k < 4 ? (blue[i] ? 2 : 0) : 1;
                logits[k] = colour + (k % 2 == 1 ? 0.5 : striped[i] ? 1 : 0);
            }
            int most = IntStream.range(0, 6).reduce(0, (a, b) -> logits[b] > logits[a] ? b : a);
            assertThat(List.of(SceneClass.values()).get(most))
                    .as(SCENES.get(i).caption())
                    .isEqualTo(SCENES.get(i).label());
        }
    }

    @Test
    void objectsLieAtDifferentPlacesAndHardlyOverlap() {
        for (Scene scene : SCENES) {
            List<SceneObject> objects = scene.objects();
            for (int a = 0; a < objects.size(); a++) {
                for (int b = 0; b < a; b++) {
                    ScenePlace one = objects.get(a).place();
                    ScenePlace other = objects.get(b).place();
                    double radii = objects.get(a).size().radius()
                            + objects.get(b).size().radius();
                    assertThat(one).isNotEqualTo(other);
                    assertThat(Math.hypot(one.x() - other.x(), one.y() - other.y()))
                            .isGreaterThan(0.85 * radii);
                }
            }
        }
    }

    @Test
    void captionsSayWhatIsThere() {
        var large = new SceneObject(
                SceneShape.CIRCLE, SceneColour.RED, SceneTexture.STRIPED, SceneSize.LARGE, ScenePlace.LEFT, STILL);
        var small = new SceneObject(
                SceneShape.STAR, SceneColour.BLUE, SceneTexture.PLAIN, SceneSize.SMALL, ScenePlace.TOP, STILL);
        var dotted = new SceneObject(
                SceneShape.RING, SceneColour.PINK, SceneTexture.DOTTED, SceneSize.SMALL, ScenePlace.RIGHT, STILL);

        assertThat(new Scene(List.of(large), BLACK, 0).caption())
                .isEqualTo("a large red striped circle on the left, on a dark background");
        assertThat(new Scene(List.of(large, small), BLACK, 0).caption())
                .isEqualTo(
                        "a large red striped circle on the left and a small blue star at the top, on a dark background");
        assertThat(new Scene(List.of(large, small, dotted), BLACK, 0).caption())
                .isEqualTo("a large red striped circle on the left, a small blue star at the top"
                        + " and a small pink dotted ring on the right, on a dark background");
    }

    @Test
    void aConjunctionHoldsForOneObject() {
        var red = new SceneObject(
                SceneShape.CIRCLE, SceneColour.RED, SceneTexture.PLAIN, SceneSize.SMALL, ScenePlace.LEFT, STILL);
        var striped = new SceneObject(
                SceneShape.STAR, SceneColour.BLUE, SceneTexture.STRIPED, SceneSize.LARGE, ScenePlace.TOP, STILL);
        Scene scene = new Scene(List.of(red, striped), BLACK, 0);
        List<String> present = SceneConcept.list().stream()
                .filter(concept -> concept.holds().test(scene))
                .map(SceneConcept::name)
                .toList();

        assertThat(scene.label()).isEqualTo(SceneClass.RED_STRIPES);
        assertThat(present)
                .containsExactly(
                        "something red",
                        "something blue",
                        "a circle",
                        "a star",
                        "a plain texture",
                        "a striped texture",
                        "a small object",
                        "a large object",
                        "an object on the left",
                        "an object at the top",
                        "two objects",
                        "a dark background",
                        "a small circle",
                        "a small plain object",
                        "a large star",
                        "a large striped object",
                        "a small red object",
                        "a large blue object",
                        "a blue striped object");
    }

    @Test
    void aSceneDependsOnSeedAndIndexAlone() {
        SceneGenerator fewer = new SceneGenerator(SETTINGS.withCount(10));
        SceneGenerator larger = new SceneGenerator(SETTINGS.withSide(64));
        SceneGenerator other = new SceneGenerator(SETTINGS.withSeed(1));
        Set<Scene> distinct = new HashSet<>(SCENES);
        for (int i = 9; i >= 0; i--) {
            assertThat(fewer.scene(i)).isEqualTo(SCENES.get(i)).isEqualTo(larger.scene(i));
            assertThat(fewer.image(i).pixels()).isEqualTo(GENERATOR.image(i).pixels());
            assertThat(distinct).doesNotContain(other.scene(i));
        }
        assertThat(distinct).hasSize(SCENES.size());
        assertThatThrownBy(() -> fewer.scene(10)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void neighbouringSeedsShareNoScenes() {
        Set<Scene> scenes = new HashSet<>(SCENES);
        SceneGenerator next = new SceneGenerator(SETTINGS.withSeed(SETTINGS.seed() + 1));
        assertThat(IntStream.range(0, SETTINGS.count()).mapToObj(next::scene)).noneMatch(scenes::contains);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 32, 33, 512})
    void picturesHaveTheirSide(int side) {
        RgbImage image = new SceneGenerator(SETTINGS.withSide(side)).image(3);

        assertThat(image.height()).isEqualTo(side);
        assertThat(image.width()).isEqualTo(side);
        assertThat(image.pixels()).hasSize(side * side * 3);
    }

    /** The mean colour of the middle pixels of a plain object is its own, and that of a corner the background's. */
    @Test
    void pixelsShowColourAndPlace() {
        for (SceneColour colour : SceneColour.values()) {
            for (ScenePlace place : ScenePlace.values()) {
                var object =
                        new SceneObject(SceneShape.SQUARE, colour, SceneTexture.PLAIN, SceneSize.LARGE, place, STILL);
                RgbImage image = new ScenePainter(32).paint(new Scene(List.of(object), BLACK, 5));
                int x = (int) (32 * place.x());
                int y = (int) (32 * place.y());
                for (int band = 0; band < 3; band++) {
                    int wanted = (colour.rgb() >> (8 * (2 - band))) & 0xff;
                    assertThat(mean(image, x - 2, y - 2, band))
                            .as("%s %s", colour, place)
                            .isBetween(wanted - 8.0, wanted + 8.0);
                    assertThat(mean(image, 0, 0, band)).isBetween(0.0, 8.0);
                }
            }
        }
    }

    private static double mean(RgbImage image, int x, int y, int band) {
        double sum = 0;
        for (int row = y; row < y + 4; row++) {
            for (int column = x; column < x + 4; column++) {
                sum += image.pixels()[(row * image.width() + column) * 3 + band] & 0xff;
            }
        }
        return sum / 16;
    }

    /** On a white square: what is dark has its share, and stripes change down the middle. */
    @Test
    void texturesShowAt32Pixels() {
        for (SceneSize size : SceneSize.values()) {
            List<RgbImage> images = new ArrayList<>();
            for (SceneTexture texture : SceneTexture.values()) {
                var object =
                        new SceneObject(SceneShape.SQUARE, SceneColour.WHITE, texture, size, ScenePlace.CENTRE, STILL);
                images.add(new ScenePainter(32).paint(new Scene(List.of(object), BLACK, 5)));
            }
            int half = (int) (32 * size.radius() * 0.8);
            List<Double> dark = images.stream()
                    .map(image -> darkShare(image, 16 - half, 16 + half))
                    .toList();
            assertThat(dark.get(0)).isZero();
            assertThat(dark.get(1)).as("striped").isBetween(0.3, 0.7);
            assertThat(dark.get(2)).as("dotted").isBetween(0.06, 0.4);
            assertThat(dark.get(3)).as("checked").isBetween(0.3, 0.6);
            assertThat(edges(images.get(0), size)).isZero();
            assertThat(edges(images.get(1), size)).isGreaterThanOrEqualTo(half - 1);
        }
    }

    /** Changes between light and dark down the middle. */
    private static int edges(RgbImage image, SceneSize size) {
        int half = (int) (32 * size.radius() * 0.8);
        int edges = 0;
        for (int y = 16 - half; y < 15 + half; y++) {
            edges += isDark(image, 16, y) == isDark(image, 16, y + 1) ? 0 : 1;
        }
        return edges;
    }

    private static boolean isDark(RgbImage image, int x, int y) {
        return (image.pixels()[(y * image.width() + x) * 3] & 0xff) < 128;
    }

    private static double darkShare(RgbImage image, int from, int to) {
        int dark = 0;
        for (int y = from; y < to; y++) {
            for (int x = from; x < to; x++) {
                dark += isDark(image, x, y) ? 1 : 0;
            }
        }
        return (double) dark / ((to - from) * (to - from));
    }

    @Test
    void everyPixelHasNoise() {
        RgbImage image = new ScenePainter(64)
                .paint(new Scene(List.of(), new SceneBackground(Shade.LIGHT, 0x969696, 0x969696, 1), 9));
        double sum = 0;
        double squares = 0;
        for (byte pixel : image.pixels()) {
            double difference = (pixel & 0xff) - 0x96;
            sum += difference;
            squares += difference * difference;
        }
        int n = image.pixels().length;
        assertThat(sum / n).isBetween(-0.3, 0.3);
        assertThat(Math.sqrt(squares / n)).isBetween(5.7, 6.3);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 32, 3, count must be from 1 to 1000000; got 0",
        "1000001, 32, 3, count must be from 1 to 1000000; got 1000001",
        "5, 15, 3, side must be from 16 to 512; got 15",
        "5, 513, 3, side must be from 16 to 512; got 513",
        "5, 32, 0, objects must be a number from 1 to 3 or a range such as 1-3; got 0",
        "5, 32, 4, objects must be a number from 1 to 3 or a range such as 1-3; got 4",
        "5, 32, 3-2, objects must be a number from 1 to 3 or a range such as 1-3; got 3-2",
        "5, 32, many, objects must be a number from 1 to 3 or a range such as 1-3; got many",
    })
    void settingsOutOfRangeAreOneLine(int count, int side, String objects, String message) {
        assertThatThrownBy(() -> new SceneSettings(count, 0, side, ObjectCount.parse(objects)))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2-3, 2, 3", "1-3, 1, 3"})
    void numbersOfObjectsCanBeAskedFor(String objects, int fewest, int most) {
        SceneGenerator some = new SceneGenerator(new SceneSettings(200, 3, 32, ObjectCount.parse(objects)));

        assertThat(IntStream.range(0, 200)
                        .map(i -> some.scene(i).objects().size())
                        .distinct()
                        .sorted()
                        .toArray())
                .isEqualTo(IntStream.rangeClosed(fewest, most).toArray());
        assertThat(some.settings().objects()).hasToString(objects);
    }
}
