package dev.lapidary.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackagedFilesTest {
    @TempDir
    Path folder;

    @Test
    void aFileThatWasChangedIsLaidOutAgain() throws IOException {
        Path jar = folder.resolve("a.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("weights.bin"));
            zip.write(new byte[] {1, 2, 3, 4});
        }
        URL resource = URI.create("jar:" + jar.toUri() + "!/weights.bin").toURL();
        Path file = folder.resolve("out/weights.bin");
        for (byte[] found : new byte[][] {{}, {1, 2}, {1, 2, 3, 5}}) {
            Files.createDirectories(file.resolveSibling(""));
            Files.write(file, found);
            PackagedFiles.place(resource, file);
            assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3, 4);
        }
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        PackagedFiles.place(resource, file);
        assertThat(Files.getLastModifiedTime(file).toMillis()).isZero(); // as it was
    }
}
