package dev.lapidary.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Sha256Test {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2

    @TempDir
    private Path folder;

    @Test
    void textAndFileGiveTheStandardsExample() throws IOException {
        Path file = folder.resolve("abc.txt");
        Files.writeString(file, "abc");

        assertThat(Sha256.of("abc")).isEqualTo(ABC);
        assertThat(Sha256.of(file)).isEqualTo(ABC);
    }

    @Test
    void aFileLongerThanOnePieceIsReadWhole() throws IOException {
        String text = "lapidary".repeat(20_000);
        Path file = folder.resolve("long.txt");
        Files.writeString(file, text);

        assertThat(Sha256.of(file)).isEqualTo(Sha256.of(text));
    }

    @Test
    void fieldsKeepTheirBorders() {
        assertThat(digestOf("ab", "c")).isNotEqualTo(digestOf("a", "bc")).isEqualTo(digestOf("ab", "c"));
    }

    private static String digestOf(String first, String second) {
        MessageDigest digest = Sha256.digest();
        Sha256.field(digest, first);
        Sha256.field(digest, second);
        return Sha256.hex(digest);
    }
}
