package dev.lapidary.bench;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the checkout lies, and the data that evidence is measured on. */
final class ProjectFiles {
    private ProjectFiles() {}

    /** Returns the root of the checkout. */
    static Path home() {
        return Path.of(System.getProperty("lapidary.home", ".")).toAbsolutePath();
    }

    /**
     * Returns a file of the folder that the variable LAPIDARY_DATA names.
     *
     * @param needed what such a folder must have, for the message where the file is missing
     */
    static Path data(String name, String needed) {
        return data(System.getenv("LAPIDARY_DATA"), name, needed);
    }

    /** The same with the variable's value, null where it is not set. */
    static Path data(@Nullable String folder, String name, String needed) {
        Path file =
                folder == null ? null : Path.of(folder, name).toAbsolutePath().normalize();
        if (file == null || !Files.isRegularFile(file)) {
            throw new InputException("LAPIDARY_DATA must name a folder with " + needed + "; got "
                    + (file == null ? "no such variable" : "no file " + file)
                    + ": CONTRIBUTING.md says where the data come from");
        }
        return file;
    }
}
