package dev.lapidary.image;

import dev.lapidary.image.ImageList.Labels;
import dev.lapidary.runtime.InputException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Lists a zip archive with one folder per class; one folder around all classes, as archives of a folder have it, counts for nothing.
 * Nothing is ever unpacked to disk.
 */
final class ImageArchives {
    private static final String MACOS = "__MACOSX/"; // what macOS puts beside the files

    private ImageArchives() {}

    static ImageList list(Path file, Labels labels) throws IOException {
        ZipFile zip = open(file);
        try {
            List<? extends ZipEntry> entries = entries(file, zip);
            int root = root(entries);
            ImageList images = new ImageList(file.toString());
            for (ZipEntry entry : entries) {
                String name = entry.getName().substring(root);
                add(images, ImageStore.entry(zip, entry, name), name, labels);
            }
            images.closeLater(zip);
            return images;
        } catch (RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private static ZipFile open(Path file) throws IOException {
        try {
            return new ZipFile(file.toFile(), StandardCharsets.UTF_8);
        } catch (ZipException | EOFException e) {
            throw new InputException(
                    file + ": must be a whole zip archive; got: "
                            + (e.getMessage() == null ? "a file that ends too early" : e.getMessage()),
                    e);
        }
    }

    private static List<? extends ZipEntry> entries(Path file, ZipFile zip) {
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (leadsOut(entry.getName())) {
                throw new InputException(file + ": entries must lie in the archive; got one that leads out of it, '"
                        + entry.getName() + "'");
            }
            if (!names.add(entry.getName())) {
                throw new InputException(
                        file + ": entries must have distinct names; got two '" + entry.getName() + "'");
            }
        }
        return zip.stream()
                .filter(entry -> !entry.isDirectory() && !entry.getName().startsWith(MACOS))
                .filter(entry -> !ImageFolders.hidden(entry.getName()))
                .sorted(Comparator.comparing(ZipEntry::getName))
                .toList();
    }

    private static boolean leadsOut(String name) {
        boolean drive = name.length() > 1 && name.charAt(1) == ':';
        return drive
                || name.startsWith("/")
                || name.contains("\\")
                || List.of(name.split("/", -1)).contains("..");
    }

    /** The letters of a folder that is around all classes, with its slash; 0 where there is none. */
    private static int root(List<? extends ZipEntry> entries) {
        if (entries.isEmpty()) {
            return 0;
        }
        String first = entries.getFirst().getName();
        String folder = first.substring(0, first.indexOf('/') + 1);
        boolean around = !folder.isEmpty()
                && entries.stream()
                        .allMatch(entry -> entry.getName().startsWith(folder)
                                && entry.getName().indexOf('/', folder.length()) > 0);
        return around ? folder.length() : 0;
    }

    private static void add(ImageList images, ImageStore store, String name, Labels labels) {
        if (ImageFolders.label(name).isEmpty() && labels == Labels.REQUIRED) {
            images.skip(name, name + ": must lie in the folder of its class; got a file outside of them");
        } else {
            images.addInFolder(new ImageItem(name, ImageFolders.label(name), Optional.empty()), store);
        }
    }
}
