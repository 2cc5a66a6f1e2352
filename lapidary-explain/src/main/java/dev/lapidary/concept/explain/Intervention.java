package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lapidary.runtime.InputException;
import java.util.List;

/** One change that a person makes to a classifier or to what it reads in items. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Intervention.SetConcept.class, name = "set"),
    @JsonSubTypes.Type(value = Intervention.DropConcept.class, name = "drop"),
    @JsonSubTypes.Type(value = Intervention.EditWeight.class, name = "edit")
})
public sealed interface Intervention {
    /** Gives a concept's score a value, in standard deviations above the training mean, in every item that is looked at. */
    record SetConcept(String concept, double value) implements Intervention {
        /** Checks the value. */
        public SetConcept {
            requireFinite("value of concept " + concept, value);
        }
    }

    /** Takes a concept out of the classifier: its weight becomes 0 for every class. */
    record DropConcept(String concept) implements Intervention {}

    /** Gives a concept another weight for one class. */
    record EditWeight(@JsonProperty("class") String className, String concept, double weight) implements Intervention {
        /** Checks the weight. */
        public EditWeight {
            requireFinite("weight of concept " + concept, weight);
        }
    }

    /** Reads {@code NAME=VALUE}; the name may hold "=" itself. */
    static SetConcept parseSet(String text) {
        int at = text.lastIndexOf('=');
        if (at < 1) {
            throw new InputException("a value to set must read NAME=VALUE; got " + text);
        }
        return new SetConcept(text.substring(0, at).strip(), number(text.substring(at + 1), text));
    }

    /** Reads {@code CLASS:NAME=WEIGHT}; where several classes would fit, because names hold ":", the longest does. */
    static EditWeight parseEdit(String text, List<String> classes) {
        int equals = text.lastIndexOf('=');
        int colon = text.indexOf(':');
        if (colon < 1 || equals < colon + 2) {
            throw new InputException("a weight to edit must read CLASS:NAME=WEIGHT; got " + text);
        }
        String className = text.substring(0, colon).strip();
        for (String name : classes) {
            if (name.length() > className.length() && text.startsWith(name + ":")) {
                className = name;
                colon = name.length();
            }
        }
        return new EditWeight(
                className, text.substring(colon + 1, equals).strip(), number(text.substring(equals + 1), text));
    }

    private static double number(String digits, String text) {
        try {
            return Double.parseDouble(digits.strip());
        } catch (NumberFormatException e) {
            throw new InputException("what follows the last = must be a number; got " + text, e);
        }
    }

    private static void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new InputException(what + " must be finite; got " + value);
        }
    }
}
