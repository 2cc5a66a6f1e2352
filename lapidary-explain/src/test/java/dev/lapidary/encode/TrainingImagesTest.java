package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingImagesTest {
    @TempDir
    Path folder;

    @Test
    void comesBackFromItsFile() throws IOException {
        TrainingImages.of(new long[] {5, -1, 5, Long.MIN_VALUE})
                .and(TrainingImages.of(new long[] {0}))
                .write(folder);
        assertThat(folder.resolve("training_images.txt"))
                .hasContent("8000000000000000\nffffffffffffffff\n0000000000000000\n0000000000000005\n");
        TrainingImages read = TrainingImages.read(folder);
        assertThat(read.size()).isEqualTo(4);
        assertThat(read.has(-1)).isTrue();
        assertThat(read.has(0)).isTrue();
        assertThat(read.has(1)).isFalse();
        assertThat(TrainingImages.read(folder.resolve("nowhere")).size()).isZero();
    }

    @Test
    void anImageIsToldByItsFile() {
        // the beginning of SHA-256 of nothing
        assertThat(TrainingImages.digest(new byte[0])).isEqualTo(0xe3b0c44298fc1c14L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5\n", "000000000000000g\n", "0000000000000005 \n", "\n"})
    void otherTextIsRefused(String text) throws IOException {
        Files.writeString(folder.resolve("training_images.txt"), text);
        assertThatThrownBy(() -> TrainingImages.read(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be lines of 16 hexadecimal digits; got");
        Files.write(folder.resolve("training_images.txt"), new byte[] {(byte) 0xff, '\n'});
        assertThatThrownBy(() -> TrainingImages.read(folder)).isInstanceOf(InputException.class);
    }
}
