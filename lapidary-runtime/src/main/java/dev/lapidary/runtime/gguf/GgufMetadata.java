package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a GGUF file, which names itself in errors.
 *
 * @param where the file
 * @param values by key, in the order of the file
 */
public record GgufMetadata(String where, SequencedMap<String, GgufValue> values) {
    /** Whether there is a value. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** Returns a string. */
    public String text(String key) {
        return text(key, null);
    }

    /** Returns a string, or the default where there is none. */
    public String text(String key, @Nullable String standard) {
        return switch (values.get(key)) {
            case GgufValue.Text text -> text.value();
            case null -> required(key, standard, "a string");
            case GgufValue other -> throw wrong(key, "a string", other);
        };
    }

    /** Returns a whole number. */
    public long whole(String key) {
        return whole(key, values.get(key));
    }

    /** Returns a whole number, or the default where there is none. */
    public long whole(String key, long standard) {
        return has(key) ? whole(key) : standard;
    }

    /** Returns a whole number that must be from least to most. */
    public int whole(String key, int least, int most) {
        long value = whole(key);
        if (value < least || value > most) {
            throw new InputException(where + ": " + key + " must be from " + least + " to " + most + "; got " + value);
        }
        return (int) value;
    }

    /** Returns a number. */
    public double number(String key) {
        return number(key, values.get(key));
    }

    /** Returns a number, or the default where there is none. */
    public double number(String key, double standard) {
        return has(key) ? number(key) : standard;
    }

    /** Returns true or false, or the default where there is neither. */
    public boolean truth(String key, boolean standard) {
        return switch (values.get(key)) {
            case GgufValue.Truth truth -> truth.value();
            case null -> standard;
            case GgufValue other -> throw wrong(key, "true or false", other);
        };
    }

    /** Returns an array of strings. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (GgufValue item : items(key)) {
            if (!(item instanceof GgufValue.Text(String text))) {
                throw wrong(key, "an array of strings", item);
            }
            texts.add(text);
        }
        return texts;
    }

    /** Returns an array of numbers. */
    public double[] numbers(String key) {
        return items(key).stream().mapToDouble(item -> number(key, item)).toArray();
    }

    /** Returns an array of whole numbers. */
    public long[] wholes(String key) {
        return items(key).stream().mapToLong(item -> whole(key, item)).toArray();
    }

    private List<GgufValue> items(String key) {
        return switch (values.get(key)) {
            case GgufValue.Items items -> items.values();
            case null -> required(key, null, "an array");
            case GgufValue other -> throw wrong(key, "an array", other);
        };
    }

    private long whole(String key, @Nullable GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> whole.value();
            case null -> required(key, null, "a whole number");
            case GgufValue other -> throw wrong(key, "a whole number", other);
        };
    }

    private double number(String key, @Nullable GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> whole.value();
            case GgufValue.Number number -> number.value();
            case null -> required(key, null, "a number");
            case GgufValue other -> throw wrong(key, "a number", other);
        };
    }

    private <T> T required(String key, @Nullable T standard, String what) {
        if (standard == null) {
            throw new InputException(where + ": " + key + " must be " + what + "; got nothing");
        }
        return standard;
    }

    private InputException wrong(String key, String what, GgufValue got) {
        return new InputException(where + ": " + key + " must be " + what + "; got " + got.kind());
    }
}
