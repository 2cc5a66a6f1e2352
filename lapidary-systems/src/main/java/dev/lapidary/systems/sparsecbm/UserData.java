package dev.lapidary.systems.sparsecbm;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that the user brings, in the folder that LAPIDARY_DATA names. */
final class UserData {
    private static final String VARIABLE = "LAPIDARY_DATA";

    private UserData() {}

    /**
     * Returns a file.
     *
     * @param what the file is, for the message where it is missing
     */
    static Path file(String name, String what) {
        return file(System.getenv(VARIABLE), name, what);
    }

    static Path file(@Nullable String folder, String name, String what) {
        if (folder == null || folder.isEmpty()) {
            throw new InputException(
                    VARIABLE + " must name a folder with " + name + " (" + what + "); got nothing: set it and try again");
        }
        Path file = Path.of(folder).toAbsolutePath().normalize().resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    "the folder that " + VARIABLE + " names must have " + name + " (" + what + "); got no file at " + file);
        }
        return file;
    }
}
