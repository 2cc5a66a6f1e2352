package dev.lapidary.trial;

import dev.lapidary.data.Names;

/** Names that become names of files. */
final class TrialNames {
    private TrialNames() {}

    static void check(String what, String name) {
        if (!Names.inKebabCase(name)) {
            throw new IllegalArgumentException(
                    what + " must be named in kebab case, such as score-function; got " + name);
        }
    }
}
