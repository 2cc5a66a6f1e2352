package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.lapidary.runtime.InputException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names a way to decide from concept scores. Training looks the way up by this name; a saved classifier decides and explains without
 * it.
 *
 * @param id name on the command line and in reports, in kebab case
 */
public record Method(String id) {
    private static final Pattern KEBAB = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    /** Sparse-CBM, the method that is trained where none is named. */
    public static final Method SPARSE = new Method("sparse");

    /** Checks the form of the name. */
    public Method {
        if (!KEBAB.matcher(id).matches()) {
            throw new InputException("method must be a name in small letters such as sparse; got " + id);
        }
    }

    /** Names a method by its id. */
    public static Method of(String id) {
        return new Method(id);
    }

    /** Reads what folders hold: the id in capitals, with underscores. */
    @JsonCreator
    static Method stored(String name) {
        return new Method(name.toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    @JsonValue
    String stored() {
        return id.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** Returns the id. */
    @Override
    public String toString() {
        return id;
    }
}
