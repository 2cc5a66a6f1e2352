package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ImageResizerTest {
    private static final Pattern NAME = Pattern.compile("(\\w+)-(\\w+)-(\\d+)x(\\d+)");

    @Test
    void everyByteIsPillows() throws Exception {
        Map<String, RgbImage> golden = GoldenImages.images("resize.npz");
        int compared = 0;
        for (Map.Entry<String, RgbImage> entry : golden.entrySet()) {
            Matcher name = NAME.matcher(entry.getKey());
            if (name.matches()) {
                RgbImage from = Objects.requireNonNull(golden.get("in-" + name.group(1)));
                RgbImage to = ImageResizer.resize(
                        from,
                        Integer.parseInt(name.group(3)),
                        Integer.parseInt(name.group(4)),
                        ResizeFilter.valueOf(name.group(2).toUpperCase(Locale.ROOT)));
                assertThat(to.height()).isEqualTo(entry.getValue().height());
                assertThat(to.pixels())
                        .as(entry.getKey())
                        .isEqualTo(entry.getValue().pixels());
                compared++;
            }
        }
        assertThat(compared).isEqualTo(168); // 28 sizes with 6 filters
    }

    @Test
    void aPhotographShrinksAsInPillow() throws Exception {
        byte[] pixels = new byte[480 * 640 * 3];
        for (int i = 0; i < pixels.length; i++) {
            int x = i / 3 % 640;
            int y = i / (3 * 640);
            pixels[i] = (byte) (x * 7 + y * 13 + i % 3 * 31 + ((x * y) >> 5));
        }

        RgbImage small = ImageResizer.resize(new RgbImage(480, 640, pixels), 224, 298, ResizeFilter.BICUBIC);

        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(small.pixels())))
                .isEqualTo("13bc665775075f871c597561a391f59fc40d03fc446b63d449b579db4ab6e40d");
    }

    @Test
    void theSameSizeIsTheSamePicture() {
        RgbImage image = new RgbImage(1, 2, new byte[6]);

        assertThat(ImageResizer.resize(image, 1, 2, ResizeFilter.LANCZOS)).isSameAs(image);
    }

    @Test
    void sizesOutOfBoundsAreRefused() {
        RgbImage image = new RgbImage(1, 1, new byte[3]);

        assertThatThrownBy(() -> ImageResizer.resize(image, 0, 5, ResizeFilter.BOX))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from 1 to 100,000,000 pixels")
                .hasMessageEndingWith("got 5 x 0");
        assertThatThrownBy(() -> ImageResizer.resize(image, 60_000, 60_000, ResizeFilter.BOX))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("got 60000 x 60000");
    }

    @Test
    void filtersHavePillowsNumbers() {
        assertThat(ResizeFilter.ofPillow(3)).isEqualTo(ResizeFilter.BICUBIC);
        assertThatThrownBy(() -> ResizeFilter.ofPillow(6)).hasMessageEndingWith("got 6");
    }
}
