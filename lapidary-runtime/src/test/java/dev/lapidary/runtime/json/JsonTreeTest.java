package dev.lapidary.runtime.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTreeTest {
    @Test
    void everyKindOfValueIsThere() {
        JsonObject object = parse("""
                {"text": "ü\\u0000", "whole": -9007199254740993, "fraction": 1e-5, "huge": 1000000000000000019884624838656,
                 "yes": true, "no": null, "items": [1, 2], "inner": {"a": {"b": "c"}}, "objects": [{"x": 1}]}""");

        assertThat(object.text("text")).isEqualTo("ü\u0000");
        assertThat(object.whole("whole")).isEqualTo(-9007199254740993L);
        assertThat(object.number("fraction")).isEqualTo(1e-5);
        assertThat(object.number("huge")).isEqualTo(1000000000000000019884624838656e0);
        assertThat(object.truth("yes", false)).isTrue();
        assertThat(object.has("no")).isFalse();
        assertThat(object.truth("no", true)).isTrue();
        assertThat(object.wholes("items")).containsExactly(1, 2);
        assertThat(object.object("inner").object("a").where()).isEqualTo("t.json: inner.a");
        assertThat(object.objects("objects").getFirst().whole("x", 0, 1)).isEqualTo(1);
        assertThat(object.optional("none")).isNull();
        assertThat(object.items("none")).isEmpty();
        assertThat(object.whole("none", 3)).isEqualTo(3);
    }

    @Test
    void wholeNumbersAreExact() {
        qt().forAll(longs().all())
                .check(value -> parse("{\"a\": " + value + "}").whole("a") == value);
    }

    @Test
    void malformedTextIsRefused() {
        refused("", "must be JSON; got nothing");
        refused("[1]", "t.json: must be a JSON object; got an array");
        refused("{\"a\": 1, \"a\": 2}", "Duplicate");
        refused("{\"a\": 1} {}", "must end after one JSON object");
        refused("{\"a\": ", "must be JSON");
        refused("{'a': 1}", "must be JSON");
        refused("{\"a\": NaN}", "must be JSON");
        refused("{\"a\": " + "[".repeat(100) + "]".repeat(100) + "}", "must be JSON; got: Document nesting depth (65)");
        refused("{\"a\": 1" + "0".repeat(80) + "}", "must be JSON; got: Number value length (81)");
    }

    @Test
    void aMemberOfTheWrongKindIsNamedWithItsPlace() {
        JsonObject inner = parse("{\"m\": {\"a\": [1, \"x\"], \"b\": 5}}").object("m");

        wrong(() -> inner.text("a"), "t.json: m: a must be a string; got an array");
        wrong(() -> inner.whole("c"), "t.json: m: c must be a whole number; got nothing");
        wrong(() -> inner.whole("b", 0, 4), "t.json: m: b must be from 0 to 4; got 5");
        wrong(() -> inner.wholes("a"), "t.json: m: a must hold whole numbers; got a string");
        wrong(() -> inner.objects("a"), "t.json: m: a must hold objects; got a whole number");
        wrong(() -> inner.truth("b", true), "t.json: m: b must be true or false; got a whole number");
    }

    private static JsonObject parse(String json) {
        return JsonTree.object("t.json", json.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(String json, String message) {
        wrong(() -> parse(json), message);
    }

    private static void wrong(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("t.json: ")
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }
}
