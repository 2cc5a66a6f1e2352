package dev.lapidary.systems.sparsecbm;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lists of concepts and captions that the project's {@code concepts} folder has, as this module carries them. */
final class ConceptLists {
    private ConceptLists() {}

    /** Returns the text of a list. */
    static String text(String name) {
        try (InputStream in = ConceptLists.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " must lie beside " + ConceptLists.class + "; got nothing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }

    /** Returns the concepts of a list, one a line. */
    static List<String> concepts(String name) {
        return text(name).lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .distinct()
                .toList();
    }

    /** Returns a file with a list, for what reads files. */
    static Path file(String name) {
        String text = text(name);
        Path file = CacheFolder.sub("systems/sparse-cbm/lists")
                .resolve(Sha256.of(text).substring(0, 12) + "-" + name);
        try {
            if (!Files.exists(file)) {
                AtomicFiles.writeString(file, text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
        return file;
    }
}
