package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import java.util.Collections;
import java.util.List;

/** A metadata value of a GGUF file. */
public sealed interface GgufValue {
    /** Returns the kind as which it is stored. */
    GgufKind kind();

    /** A whole number of at most 64 bits. */
    record Whole(GgufKind kind, long value) implements GgufValue {}

    /** A number of single or double precision. */
    @SuppressWarnings("AvoidCommonTypeNames")
    record Number(GgufKind kind, double value) implements GgufValue {}

    /** True or false. */
    record Truth(boolean value) implements GgufValue {
        @Override
        public GgufKind kind() {
            return GgufKind.BOOL;
        }
    }

    /** A string. */
    record Text(String value) implements GgufValue {
        @Override
        public GgufKind kind() {
            return GgufKind.STRING;
        }
    }

    /**
     * An array.
     *
     * @param of the kind of each value
     */
    record Items(GgufKind of, List<GgufValue> values) implements GgufValue {
        /** Checks the kinds. */
        public Items {
            values = Collections.unmodifiableList(values);
            for (GgufValue value : values) {
                if (value.kind() != of) {
                    throw new InputException("an array must hold values of kind " + of + "; got " + value.kind());
                }
            }
        }

        @Override
        public GgufKind kind() {
            return GgufKind.ARRAY;
        }
    }

    /** Returns a number as llama.cpp stores sizes, UINT32. */
    static GgufValue size(long value) {
        return new Whole(GgufKind.UINT32, value);
    }

    /** Returns a number as llama.cpp stores settings, FLOAT32. */
    static GgufValue number(double value) {
        return new Number(GgufKind.FLOAT32, value);
    }

    /** Returns an array of strings. */
    static GgufValue texts(List<String> values) {
        return new Items(
                GgufKind.STRING, values.stream().<GgufValue>map(Text::new).toList());
    }

    /** Returns an array INT32. */
    static GgufValue integers(List<Integer> values) {
        return new Items(
                GgufKind.INT32,
                values.stream()
                        .<GgufValue>map(v -> new Whole(GgufKind.INT32, v))
                        .toList());
    }

    /** Returns an array FLOAT32. */
    static GgufValue numbers(List<Double> values) {
        return new Items(
                GgufKind.FLOAT32, values.stream().map(GgufValue::number).toList());
    }
}
