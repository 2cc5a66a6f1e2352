package dev.lapidary.runtime.json;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that names itself in errors. A member that is null counts as one that is missing.
 *
 * @param where the file and the path of members that leads here
 * @param members in the order of the file
 */
public record JsonObject(String where, SequencedMap<String, JsonTree> members) implements JsonTree {
    /** Whether there is a member other than null. */
    public boolean has(String name) {
        return present(name) != null;
    }

    /** Returns a string. */
    public String text(String name) {
        return text(name, null);
    }

    /** Returns a string, or the default where there is none. */
    public String text(String name, @Nullable String standard) {
        return switch (present(name)) {
            case Text text -> text.value();
            case null -> required(name, standard, "a string");
            case JsonTree other -> throw wrong(name, "a string", other);
        };
    }

    /** Returns true or false, or the default where there is neither. */
    public boolean truth(String name, boolean standard) {
        return switch (present(name)) {
            case Truth truth -> truth.value();
            case null -> standard;
            case JsonTree other -> throw wrong(name, "true or false", other);
        };
    }

    /** Returns a whole number. */
    public long whole(String name) {
        return switch (present(name)) {
            case Whole whole -> whole.value();
            case null -> required(name, null, "a whole number");
            case JsonTree other -> throw wrong(name, "a whole number", other);
        };
    }

    /** Returns a whole number, or the default where there is none. */
    public long whole(String name, long standard) {
        return has(name) ? whole(name) : standard;
    }

    /** Returns a whole number that must be from least to most. */
    public int whole(String name, int least, int most) {
        long value = whole(name);
        if (value < least || value > most) {
            throw new InputException(where + ": " + name + " must be from " + least + " to " + most + "; got " + value);
        }
        return (int) value;
    }

    /** Returns a number. */
    public double number(String name) {
        return switch (present(name)) {
            case Whole whole -> whole.value();
            case Fraction fraction -> fraction.value();
            case null -> required(name, null, "a number");
            case JsonTree other -> throw wrong(name, "a number", other);
        };
    }

    /** Returns a number, or the default where there is none. */
    public double number(String name, double standard) {
        return has(name) ? number(name) : standard;
    }

    /** Returns an object. */
    public JsonObject object(String name) {
        return switch (present(name)) {
            case JsonObject object -> object;
            case null -> required(name, null, "an object");
            case JsonTree other -> throw wrong(name, "an object", other);
        };
    }

    /** Returns an object, or nothing where there is none. */
    public @Nullable JsonObject optional(String name) {
        return has(name) ? object(name) : null;
    }

    /** Returns an array; where there is none, an empty one. */
    public List<JsonTree> items(String name) {
        return switch (present(name)) {
            case Items items -> items.values();
            case null -> List.of();
            case JsonTree other -> throw wrong(name, "an array", other);
        };
    }

    /** Returns an array of objects; where there is none, an empty one. */
    public List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonTree item : items(name)) {
            if (!(item instanceof JsonObject object)) {
                throw new InputException(where + ": " + name + " must hold objects; got " + item.kind());
            }
            objects.add(object);
        }
        return objects;
    }

    /** Returns an array of whole numbers; where there is none, an empty one. */
    public long[] wholes(String name) {
        List<JsonTree> items = items(name);
        long[] values = new long[items.size()];
        for (int i = 0; i < values.length; i++) {
            if (!(items.get(i) instanceof Whole whole)) {
                throw new InputException(where + ": " + name + " must hold whole numbers; got "
                        + items.get(i).kind());
            }
            values[i] = whole.value();
        }
        return values;
    }

    private @Nullable JsonTree present(String name) {
        JsonTree member = members.get(name);
        return member instanceof Nothing ? null : member;
    }

    private <T> T required(String name, @Nullable T standard, String what) {
        if (standard == null) {
            throw new InputException(where + ": " + name + " must be " + what + "; got nothing");
        }
        return standard;
    }

    private InputException wrong(String name, String what, JsonTree got) {
        return new InputException(where + ": " + name + " must be " + what + "; got " + got.kind());
    }
}
