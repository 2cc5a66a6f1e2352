package dev.lapidary.runtime.json;

import dev.lapidary.runtime.InputException;
import java.util.List;

/**
 * An immutable JSON value in memory, for files of up to 256 MiB that are nested at most 64 deep; an object that names a member
 * twice is refused.
 */
public sealed interface JsonTree
        permits JsonTree.Text,
                JsonTree.Whole,
                JsonTree.Fraction,
                JsonTree.Truth,
                JsonTree.Nothing,
                JsonTree.Items,
                JsonObject {
    /** A string. */
    record Text(String value) implements JsonTree {}

    /** A number without fraction or exponent that fits 64 bits, exact. */
    record Whole(long value) implements JsonTree {}

    /** Any other number. */
    record Fraction(double value) implements JsonTree {}

    /** True or false. */
    record Truth(boolean value) implements JsonTree {}

    /** The value null. */
    record Nothing() implements JsonTree {}

    /** An array. */
    record Items(List<JsonTree> values) implements JsonTree {}

    /**
     * Parses one JSON object in UTF-8.
     *
     * @param where what is parsed, with which errors begin
     * @throws InputException in one line where it is anything else
     */
    static JsonObject object(String where, byte[] json) {
        return JsonTreeReader.read(where, json);
    }

    /** Returns what kind of value this is, in words. */
    default String kind() {
        return switch (this) {
            case Text text -> "a string";
            case Whole whole -> "a whole number";
            case Fraction fraction -> "a fraction";
            case Truth truth -> Boolean.toString(truth.value);
            case Nothing nothing -> "null";
            case Items items -> "an array";
            case JsonObject object -> "an object";
        };
    }
}
