package dev.lapidary.runtime.file;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Lays files that come in a jar out in a folder, once, for what opens files by path. */
public final class PackagedFiles {
    private PackagedFiles() {}

    /** Checksum and size from the archive's directory, so that nothing is unpacked to know whether it is there already. */
    public static String fingerprint(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        if (connection instanceof JarURLConnection jar) {
            return Long.toHexString(jar.getJarEntry().getCrc()) + "-"
                    + jar.getJarEntry().getSize();
        }
        return Long.toHexString(connection.getLastModified()) + "-" + connection.getContentLengthLong();
    }

    /** Copies a resource to a file unless it is there in full length. */
    public static void place(URL resource, Path file) throws IOException {
        URLConnection connection = resource.openConnection();
        if (Files.isRegularFile(file) && Files.size(file) == connection.getContentLengthLong()) {
            return;
        }
        AtomicFiles.write(file, temporary -> {
            try (InputStream in = resource.openStream()) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
        });
    }
}
