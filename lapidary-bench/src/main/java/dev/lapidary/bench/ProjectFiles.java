package dev.lapidary.bench;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the checkout lies, and the data beside it that evidence is measured on. */
final class ProjectFiles {
    private ProjectFiles() {}

    /** Returns the root of the checkout. */
    static Path home() {
        return Path.of(System.getProperty("lapidary.home", ".")).toAbsolutePath();
    }

    /**
     * Returns a file of the data folder: LAPIDARY_DATA, or else shared/data beside the checkout.
     *
     * @param needed what such a folder must have, for the message where the file is missing
     */
    static Path data(String name, String needed) {
        String given = System.getenv("LAPIDARY_DATA");
        Path folder = given == null ? home().resolve("../shared/data") : Path.of(given);
        Path file = folder.resolve(name).toAbsolutePath().normalize();
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    "the data must be at " + file + "; got no such file: set LAPIDARY_DATA to a folder with " + needed);
        }
        return file;
    }
}
