package dev.lapidary.synthetic.scene;

import dev.lapidary.runtime.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many objects a scene has; every number in between is as frequent.
 *
 * <p>Where scenes have different numbers of objects, every concept that one object brings about is more frequent where there are
 * more, so a score that tells the number tells something of all of them; among scenes of one number it does not.
 *
 * @param fewest from 1
 * @param most at most {@value #LIMIT}
 */
public record ObjectCount(int fewest, int most) {
    /** The most objects of a scene. */
    public static final int LIMIT = 3;

    private static final Pattern FORM = Pattern.compile("([0-9])(?:-([0-9]))?");

    /** Checks the range. */
    public ObjectCount {
        if (fewest < 1 || most > LIMIT || fewest > most) {
            throw refused(text(fewest, most));
        }
    }

    private static String text(int fewest, int most) {
        return fewest == most ? Integer.toString(most) : fewest + "-" + most;
    }

    private static InputException refused(String got) {
        return new InputException(
                "objects must be a number from 1 to " + LIMIT + " or a range such as 1-" + LIMIT + "; got " + got);
    }

    /** Reads one number, such as 2, or a range, such as 1-3. */
    public static ObjectCount parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw refused(text);
        }
        int fewest = Integer.parseInt(matcher.group(1));
        return new ObjectCount(fewest, matcher.group(2) == null ? fewest : Integer.parseInt(matcher.group(2)));
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return text(fewest, most);
    }
}
