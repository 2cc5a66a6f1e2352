package dev.lapidary.runtime.settings;

import dev.lapidary.runtime.InputException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gives messages of refused values the name under which the value came: {@code --tau must be two positive numbers; got 4}. */
final class Naming {
    private static final Pattern SUBJECT = Pattern.compile("([\\w' -]+) must (.*)");

    private Naming() {}

    /** Puts the name in the place of what the message speaks of. */
    static InputException of(String name, InputException refused) {
        String message = String.valueOf(refused.getMessage());
        Matcher parts = SUBJECT.matcher(message);
        return new InputException(
                parts.matches() ? name + " must " + parts.group(2) : name + ": " + message, refused);
    }

    /** Puts the name in the place of a component where the message speaks of it, as one word or several. */
    static InputException of(Component component, String name, InputException refused) {
        Matcher parts = SUBJECT.matcher(String.valueOf(refused.getMessage()));
        boolean speaksOfIt = parts.matches() && letters(parts.group(1)).equals(letters(component.name()));
        return speaksOfIt ? new InputException(name + " must " + parts.group(2), refused) : refused;
    }

    private static String letters(String text) {
        return text.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }
}
