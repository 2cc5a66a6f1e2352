package dev.lapidary.systems.sparsecbm;

import dev.lapidary.contrast.CaptionSource;
import dev.lapidary.contrast.NetworkShape;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The encoders of CIFAR-10's photographs: learn from the first training images of every class, with captions written for the class. */
final class PhotoEncoder {
    /** Training images of a class, the first of the archive, that the encoder learns from; others are left to the trials. */
    static final int OF_CLASS = 1_000;

    private static final SharedEncoder.Recipe RECIPE = new SharedEncoder.Recipe(
            "cifar-10",
            "the first " + OF_CLASS + " training images of each class",
            10,
            true,
            new NetworkShape(SharedEncoder.SIDE, 16, 1, 128));

    private PhotoEncoder() {}

    /** Returns where the encoder lies, trained where it was not. */
    static Path folder(Path archive, Progress progress) {
        return SharedEncoder.folder(RECIPE, new Photographs(archive), progress);
    }

    /** Returns how it was trained. */
    static String recipe() {
        return RECIPE.identity();
    }

    private record Photographs(Path archive) implements SharedEncoder.Source {
        @Override
        public ImageItems open() {
            return ImageItems.open(unpacked(archive, "train-0-" + OF_CLASS, 0, OF_CLASS));
        }

        @Override
        public CaptionSource captions(ImageItems items) {
            return CaptionSource.ofClasses(ConceptLists.file("cifar-10-captions.txt"), items.classes());
        }
    }

    /**
     * Unpacks some images of every class of an archive into the cache folder.
     *
     * @param name of the folder of these images
     * @param first the first of a class, in the archive's order
     * @param count how many of a class
     */
    static Path unpacked(Path archive, String name, int first, int count) {
        Path folder = CacheFolder.sub("systems/sparse-cbm").resolve("cifar-10-" + name);
        if (Files.exists(folder.resolve(AtomicFiles.MARKER))) {
            return folder;
        }
        try {
            AtomicFiles.writeFolder(folder, temporary -> unpack(archive, temporary, first, count));
        } catch (IOException e) {
            throw new UncheckedIOException(archive + " cannot be unpacked into " + folder, e);
        }
        return folder;
    }

    static void unpack(Path archive, Path into, int first, int count) throws IOException {
        Map<String, Integer> seen = new HashMap<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream()
                            .filter(entry -> !entry.isDirectory())
                            .map(ZipEntry.class::cast)
                    ::iterator) {
                Path target = into.resolve(entry.getName()).normalize();
                if (!target.startsWith(into)) {
                    throw new IOException(archive + ": entries must stay inside it; got " + entry.getName());
                }
                Path parent = target.resolveSibling("");
                int at = seen.merge(parent.toString(), 1, Integer::sum) - 1;
                if (at >= first && at < first + count) {
                    Files.createDirectories(parent);
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
        Files.writeString(into.resolve(AtomicFiles.MARKER), "{\"format\": \"lapidary-photographs\"}\n");
    }
}
