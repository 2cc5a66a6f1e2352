package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.image.ImageItem;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Captions of classes and of tables. */
class CaptionSourceTest {
    private static final List<String> CLASSES = List.of("cat", "dog");

    @TempDir
    Path folder;

    @Test
    void imagesOfAClassShareItsCaptions() throws IOException {
        CaptionSource source = classes("cat: a cat\ndog: a dog: barking\n\ncat: whiskers\n");
        assertThat(source.of(image("cat"))).containsExactly("a cat", "whiskers").isSameAs(source.of(image("cat")));
        assertThat(source.of(image("dog"))).containsExactly("a dog: barking");
    }

    @ParameterizedTest
    @CsvSource({
        "'cat: a cat\nbird: a bird', line 2 must be",
        "'cat: a cat\nno colon', line 2 must be",
        "'cat: a cat\ndog:', line 2 must be",
        "'cat: a cat', every class must have a caption; got none for [dog]"
    })
    void whatCannotBeMeantIsRefused(String text, String message) {
        assertThatThrownBy(() -> classes(text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void bytesThatAreNotTextAndMissingFilesAreRefused() throws IOException {
        Path bytes = Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> CaptionSource.ofClasses(bytes, CLASSES)).hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> CaptionSource.ofClasses(folder.resolve("none"), CLASSES))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nothing at this path");
        assertThatThrownBy(() -> CaptionSource.ofClasses(folder, CLASSES))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a file of captions; got something else");
    }

    @Test
    void filesThatAreTooLargeAreRefusedBeforeTheyAreRead() throws IOException {
        Path large = folder.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(ClassCaptions.MOST_BYTES + 1);
        }
        assertThatThrownBy(() -> CaptionSource.ofClasses(large, CLASSES))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at most 16777216 bytes; got 16777217");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstClass() throws IOException {
        CaptionSource source = classes("\uFEFFcat: a cat\ndog: a dog\n");
        assertThat(source.of(image("cat"))).containsExactly("a cat");
    }

    @Test
    void anImageOfATableMustHaveItsCaption() {
        ImageItem with = new ImageItem("a.png", Optional.empty(), Optional.of("a house"));
        assertThat(CaptionSource.table().of(with)).containsExactly("a house");
        assertThatThrownBy(() -> CaptionSource.table().of(image("cat")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cat.png: must have a caption");
    }

    private CaptionSource classes(String text) throws IOException {
        return CaptionSource.ofClasses(Files.writeString(folder.resolve("captions.txt"), text), CLASSES);
    }

    private static ImageItem image(String label) {
        return new ImageItem(label + ".png", Optional.of(label), Optional.empty());
    }
}
