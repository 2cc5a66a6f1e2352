package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.artifact.ArtifactKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses places that could not be written to, before the work whose result goes there. */
final class OutputFolder {
    private OutputFolder() {}

    /**
     * Refuses a folder of something else than the kind that is to be written, one that cannot be made, and one that the command reads
     * or that holds what it reads.
     */
    static void require(Path folder, ArtifactKind kind, Path... inputs) {
        requireNoLinkToNothing(folder);
        for (Path input : inputs) {
            requireOutside(folder, input);
        }
        if (Files.isDirectory(folder)) {
            Artifact.requireReplaceable(folder, kind);
        } else if (Files.exists(folder)) {
            throw new InputException(folder + ": must be a folder; got a file");
        }
        requireWritableParent(folder);
    }

    /** The folder is replaced as a whole, with all that is in it. */
    private static void requireOutside(Path folder, Path input) {
        Path out = real(folder);
        Path read = real(input);
        if (out.equals(read)) {
            throw new InputException(folder + ": must be another folder than the one that is read; got the same");
        }
        if (read.startsWith(out)) {
            throw new InputException(folder + ": must be a folder without what is read; got one with " + input);
        }
    }

    /**
     * Refuses a file name that is a folder's, one in a folder that cannot be written to, and one that the command reads, by itself or
     * in a folder.
     */
    static void requireFile(Path file, Path... inputs) {
        requireNoLinkToNothing(file);
        if (Files.isDirectory(file)) {
            throw new InputException(file + ": must be a file; got a folder");
        }
        for (Path input : inputs) {
            Path out = real(file);
            Path read = real(input);
            if (out.equals(read)) {
                throw new InputException(file + ": must be another file than the one that is read; got the same");
            }
            if (Files.isRegularFile(out) && out.startsWith(read)) {
                throw new InputException(file + ": must be no file of the folder that is read; got one of " + input);
            }
        }
        requireWritableParent(file);
    }

    private static void requireNoLinkToNothing(Path path) {
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new InputException(path + ": must be no link to nothing; got one");
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException missing) {
            return path.toAbsolutePath().normalize();
        }
    }

    private static void requireWritableParent(Path target) {
        Path parent = real(target).getParent();
        while (parent != null && !Files.exists(parent)) {
            requireNoLinkToNothing(parent);
            parent = parent.getParent();
        }
        if (parent == null || !Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new InputException(target + ": must lie in a folder that can be written to; got " + parent);
        }
    }
}
