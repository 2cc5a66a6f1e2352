package dev.lapidary.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ComponentsTest {
    /** Two words. */
    enum Shade {
        DARK,
        VERY_LIGHT
    }

    /** Settings within settings. */
    record Inner(@Setting(help = "How wide.") int width, double share) implements Settings {
        Inner {
            Bounds.atLeast("width", width, 1);
        }

        static Inner defaults() {
            return new Inner(4, 0.5);
        }
    }

    /** One of each kind. */
    record Outer(
            @Setting(key = "rate", noted = true, help = "How fast.") double learningRate,
            Shade shade,
            OptionalDouble limit,
            List<Double> ridges,
            Inner inner,
            @Setting(key = "second") Inner other,
            @SameResult("threads share the work and add in one order") int threads,
            @SameResult("only where it is written") Optional<Path> file)
            implements Settings {
        static Outer defaults() {
            return new Outer(
                    1e-3,
                    Shade.DARK,
                    OptionalDouble.empty(),
                    List.of(1.0, 0.5),
                    Inner.defaults(),
                    new Inner(5, 1),
                    2,
                    Optional.empty());
        }
    }

    private static final Outer DEFAULTS = Outer.defaults();

    private static JsonObject json(String text) {
        return JsonTree.object("settings.json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static Outer read(String text) {
        return Components.read(json(text), DEFAULTS);
    }

    @Test
    void identityHasWhatDecidesUnderItsKeys() {
        assertThat(Components.identity(DEFAULTS))
                .containsExactly(
                        entry("limit", "none"),
                        entry("rate", "0.001"),
                        entry("ridges", "1.0 0.5"),
                        entry("second", "Inner[width=5, share=1.0]"),
                        entry("shade", "DARK"),
                        entry("share", "0.5"),
                        entry("width", "4"));
        assertThat(Components.notes(DEFAULTS)).containsExactly(entry("rate", "0.001"));
    }

    @Test
    void aCopyDiffersInWhatIsChanged() {
        Outer changed = Components.with(DEFAULTS, Map.of("inner.width", 9, "shade", Shade.VERY_LIGHT));

        assertThat(changed)
                .isEqualTo(new Outer(
                        1e-3,
                        Shade.VERY_LIGHT,
                        OptionalDouble.empty(),
                        List.of(1.0, 0.5),
                        new Inner(9, 0.5),
                        new Inner(5, 1),
                        2,
                        Optional.empty()));
        assertThatThrownBy(() -> Components.with(DEFAULTS, "inner.width", 0))
                .isInstanceOf(InputException.class)
                .hasMessage("width must be at least 1; got 0");
        assertThatThrownBy(() -> Components.with(DEFAULTS, "none", 0)).hasMessageContaining("got none");
        assertThatThrownBy(() -> Components.with(DEFAULTS, "inner.none", 0)).hasMessageContaining("got none");
    }

    @Test
    void jsonHoldsAllAndIsReadBack() {
        assertThat(Components.json(DEFAULTS))
                .containsExactly(
                        entry("learningRate", 1e-3),
                        entry("shade", "DARK"),
                        entry("limit", null),
                        entry("ridges", List.of(1.0, 0.5)),
                        entry("inner", Map.of("width", 4, "share", 0.5)),
                        entry("other", Map.of("width", 5, "share", 1.0)),
                        entry("threads", 2),
                        entry("file", null));
        Outer read = read("""
                {"learningRate": 2, "shade": "very-light", "limit": 7, "ridges": [3, 0.25], "inner": {"width": 1}, "file": "a/b"}
                """);
        assertThat(read)
                .isEqualTo(new Outer(
                        2,
                        Shade.VERY_LIGHT,
                        OptionalDouble.of(7),
                        List.of(3.0, 0.25),
                        new Inner(1, 0.5),
                        new Inner(5, 1),
                        2,
                        Optional.of(Path.of("a/b"))));
        assertThat(read("{\"limit\": null}")).isEqualTo(DEFAULTS);
    }

    @Test
    void badJsonIsRefusedByName() {
        refused("{\"speed\": 1}", "settings.json: must have settings of the names [learningRate, ", "; got speed");
        refused("{\"learningRate\": \"fast\"}", "settings.json: learningRate must be a number; got fast");
        refused("{\"learningRate\": true}", "settings.json: learningRate must be a number; got true");
        refused("{\"threads\": 1.5}", "settings.json: threads must be a whole number; got a fraction");
        refused("{\"shade\": \"pink\"}", "settings.json: shade must be one of dark, very-light; got pink");
        refused("{\"inner\": {\"width\": 0}}", "width must be at least 1; got 0");
        refused("{\"inner\": {\"depth\": 0}}", "settings.json: inner: must have settings of the names [width, share]");
        assertThatThrownBy(() -> Components.read(
                        json("{\"width\": 3}"), Inner.class))
                .hasMessage("settings.json: must have share; got none");
    }

    private static void refused(String text, String... parts) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(InputException.class).satisfies(refusal -> assertThat(
                        refusal.getMessage())
                .contains(parts));
    }

    @Test
    void optionsAreNamedAndShownForPeople() {
        Map<String, Component> leaves = Components.of(Outer.class).leaves();

        assertThat(leaves.keySet())
                .containsExactly(
                        "learningRate",
                        "shade",
                        "limit",
                        "ridges",
                        "inner.width",
                        "inner.share",
                        "other.width",
                        "other.share",
                        "threads",
                        "file");
        Component rate = Components.of(Outer.class).list().getFirst();
        assertThat(rate.option()).isEqualTo("--learning-rate");
        assertThat(rate.label()).isEqualTo("X");
        assertThat(rate.help()).contains("How fast.");
        assertThat(rate.shown(3.0)).contains("3");
        assertThat(rate.shown(1e-5)).contains("1e-5");
        assertThat(rate.shown(0.05)).contains("0.05");
        Component shade = Components.of(Outer.class).list().get(1);
        assertThat(shade.label()).isEqualTo("dark|very-light");
        assertThatThrownBy(() -> rate.parse("--rate", "x")).hasMessage("--rate must be a number; got x");
    }

    @Test
    void whatIsNoRecordOfSettingsIsRefused() {
        assertThatThrownBy(() -> Components.of(Settings.class)).hasMessageContaining("must be a record");
    }
}
