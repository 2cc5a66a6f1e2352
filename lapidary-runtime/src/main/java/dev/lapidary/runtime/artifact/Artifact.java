package dev.lapidary.runtime.artifact;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Services;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * A folder of a known kind, and the one way in which folders are written and replaced.
 *
 * @param folder where it lies
 * @param kind what it is
 * @param marker what its {@value AtomicFiles#MARKER} holds
 */
public record Artifact(Path folder, ArtifactKind kind, JsonObject marker) {
    private static final long LARGEST_MARKER = 64L << 20; // bytes

    /** Loaded once; listing loads no native library. */
    private static final class Kinds {
        static final List<ArtifactKind> ALL = Services.all(ArtifactKind.class, ArtifactKind::format);
    }

    /** Returns every kind that the class path has. */
    public static List<ArtifactKind> kinds() {
        return Kinds.ALL;
    }

    /**
     * Opens a folder of any kind; nothing is read but its marker.
     *
     * @throws InputException where it is of none
     */
    public static Artifact open(Path folder) {
        JsonObject marker = marker(folder);
        return kinds().stream()
                .filter(kind -> names(marker, kind))
                .findFirst()
                .map(kind -> new Artifact(folder, kind, marker))
                .orElseThrow(() ->
                        new InputException(folder + ": must be a folder that Lapidary wrote; got " + describe(marker)));
    }

    /** Whether a folder has a marker of a kind. */
    public static boolean isAt(Path folder, ArtifactKind kind) {
        return Files.isRegularFile(folder.resolve(AtomicFiles.MARKER)) && names(marker(folder), kind);
    }

    /** Returns the SHA-256 of the files whose digests the marker holds; older kinds hold none. */
    public SortedMap<String, String> digests() {
        return kind.digests(marker);
    }

    /**
     * Reads every file whose digest is known.
     *
     * @throws InputException where one is missing, or not as it was written
     */
    public void verify() {
        digests().forEach((file, digest) -> {
            if (!kind.owns(file)) {
                throw new InputException(folder.resolve(AtomicFiles.MARKER) + ": must name only files of "
                        + kind.title() + "; got " + file);
            }
            Path path = folder.resolve(file);
            if (!Files.isRegularFile(path)) {
                throw new InputException(folder + ": " + kind.title() + " must hold " + file + "; got none");
            }
            requireUnaltered(path, digest);
        });
    }

    private static void requireUnaltered(Path file, String digest) {
        try {
            String found = Sha256.of(file);
            if (!found.equals(digest)) {
                throw new InputException(file + ": must be as it was written, digest " + digest + "; got " + found);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be read", failure);
        }
    }

    /**
     * Writes a folder, all or nothing. One of the same kind with no files but its own is replaced, as is an empty one.
     *
     * @throws InputException where there is anything else
     */
    public static void write(Path folder, ArtifactKind kind, AtomicFiles.Body body) throws IOException {
        requireReplaceable(folder, kind);
        AtomicFiles.writeFolder(folder, temporary -> {
            body.write(temporary);
            requireReplaceable(folder, kind); // again: writing may have taken long
        });
    }

    /** Refuses a folder that holds something else than a kind, or beside it files that its writer does not make. */
    public static void requireReplaceable(Path folder, ArtifactKind kind) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        if (!Files.isRegularFile(folder.resolve(AtomicFiles.MARKER))) {
            firstEntry(folder).ifPresent(entry -> {
                throw new InputException(folder + ": must be new, empty or a folder that Lapidary wrote (with "
                        + AtomicFiles.MARKER + "); got one with " + entry.getFileName());
            });
            return;
        }
        JsonObject marker = marker(folder);
        if (!names(marker, kind)) {
            throw new InputException(folder + ": must be new, empty or " + kind.title()
                    + ", which is what would replace it; got " + describe(marker));
        }
        foreignFile(folder, kind).ifPresent(file -> {
            throw new InputException(folder + ": must be new, empty or " + kind.title()
                    + " alone, since all that is in it would be replaced; got one with " + file);
        });
    }

    private static Optional<Path> firstEntry(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findFirst();
        } catch (IOException failure) {
            throw new UncheckedIOException(folder + " cannot be read", failure);
        }
    }

    private static Optional<Path> foreignFile(Path folder, ArtifactKind kind) {
        try {
            Path real = folder.toRealPath(); // a walk does not enter a link
            try (Stream<Path> entries = Files.walk(real)) {
                return entries.filter(entry -> !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                        .map(real::relativize)
                        .filter(file -> !owns(kind, file.toString().replace(File.separatorChar, '/')))
                        .findFirst();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(folder + " cannot be read", failure);
        }
    }

    private static boolean owns(ArtifactKind kind, String file) {
        return file.equals(AtomicFiles.MARKER) || kind.owns(file);
    }

    private static boolean names(JsonObject marker, ArtifactKind kind) {
        return marker.members().get("format") instanceof JsonTree.Text format
                && format.value().equals(kind.format());
    }

    private static String describe(JsonObject marker) {
        return kinds().stream()
                .filter(kind -> names(marker, kind))
                .map(ArtifactKind::title)
                .findFirst()
                .orElseGet(() -> "a folder whose " + AtomicFiles.MARKER + " names "
                        + (marker.members().get("format") instanceof JsonTree.Text format
                                ? "the format " + format.value()
                                : "no format"));
    }

    /** What the marker holds; nothing where it is no JSON object. */
    private static JsonObject marker(Path folder) {
        Path file = folder.resolve(AtomicFiles.MARKER);
        JsonObject none = new JsonObject(file.toString(), new LinkedHashMap<>());
        try {
            return Files.size(file) > LARGEST_MARKER
                    ? none
                    : JsonTree.object(file.toString(), Files.readAllBytes(file));
        } catch (InputException malformed) {
            return none;
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be read", failure);
        }
    }
}
