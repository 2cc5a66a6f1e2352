package dev.lapidary.app.command;

import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The folders that Lapidary keeps in its cache; what else lies there is none of its business. */
final class CacheFolders {
    /** What each holds, and whether clearing the whole cache takes it: what took long to make must be named. */
    private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("embeddings", new Kind("embeddings of texts and images that were encoded", true));
        KINDS.put("digests", new Kind("digests of model files, by path, size and time", true));
        KINDS.put("encoders", new Kind("the packaged encoder, unpacked", true));
        KINDS.put("native", new Kind("ONNX Runtime, unpacked", true));
        KINDS.put("djl", new Kind("the native tokenizer, unpacked", true));
        KINDS.put("javacpp", new Kind("PyTorch, unpacked", true));
        KINDS.put("calibration", new Kind("statistics of language models for pruning", true));
        KINDS.put("systems", new Kind("runs of systems verify", false));
        KINDS.put("evidence", new Kind("runs of evidence", false));
        KINDS.put("evidence-mask", new Kind("runs of evidence of masks", false));
    }

    private CacheFolders() {}

    private record Kind(String holds, boolean plain) {}

    /**
     * A folder of the cache.
     *
     * @param bytes that its files take
     */
    record Folder(String name, String holds, int files, long bytes) {}

    /** The names that can be cleared. */
    static List<String> names() {
        return List.copyOf(KINDS.keySet());
    }

    /** Those that are there, in a fixed order. */
    static List<Folder> in(Path root) {
        List<Folder> folders = new ArrayList<>();
        KINDS.forEach((name, kind) -> {
            Path folder = root.resolve(name);
            if (Files.isDirectory(folder)) {
                Size size = new Size();
                try {
                    Files.walkFileTree(folder, size);
                } catch (IOException e) {
                    throw new UncheckedIOException(folder + " cannot be read", e);
                }
                folders.add(new Folder(name, kind.holds, size.files, size.bytes));
            }
        });
        return folders;
    }

    /** Removes a folder, or all that are made again by themselves; returns what was there. */
    static List<Folder> clear(Path root, String name) throws IOException {
        List<Folder> cleared = new ArrayList<>();
        for (Folder folder : in(root)) {
            Kind kind = KINDS.get(folder.name());
            if (name.isEmpty() ? kind != null && kind.plain : folder.name().equals(name)) {
                AtomicFiles.deleteTree(root.resolve(folder.name()));
                cleared.add(folder);
            }
        }
        return cleared;
    }

    private static final class Size extends SimpleFileVisitor<Path> {
        private int files;
        private long bytes;

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files++;
            bytes += attributes.size();
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException removed) {
            return FileVisitResult.CONTINUE;
        }
    }
}
