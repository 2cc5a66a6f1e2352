package dev.lapidary.runtime.file;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;

/** Lays files that come in a jar out in a folder, once, for what opens files by path. */
public final class PackagedFiles {
    private static final int PIECE = 1 << 20; // bytes

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

    private static boolean whole(URLConnection connection, Path file) throws IOException {
        return !(connection instanceof JarURLConnection jar)
                || jar.getJarEntry().getCrc() == checksum(file);
    }

    private static long checksum(Path file) throws IOException {
        CRC32 sum = new CRC32();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(piece.clear()) >= 0) {
                sum.update(piece.flip());
            }
        }
        return sum.getValue();
    }

    /** Copies a resource to a file unless it is there in full length and with the checksum that its archive has for it. */
    public static void place(URL resource, Path file) throws IOException {
        URLConnection connection = resource.openConnection();
        if (Files.isRegularFile(file)
                && Files.size(file) == connection.getContentLengthLong()
                && whole(connection, file)) {
            return;
        }
        AtomicFiles.write(file, temporary -> {
            try (InputStream in = resource.openStream()) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
        });
    }
}
