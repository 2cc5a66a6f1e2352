package dev.lapidary.trial;

import java.util.regex.Pattern;

/** Names that become names of files. */
final class TrialNames {
    private static final Pattern KEBAB = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private TrialNames() {}

    static void check(String what, String name) {
        if (!KEBAB.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + " must be named in kebab case, such as score-function; got " + name);
        }
    }
}
