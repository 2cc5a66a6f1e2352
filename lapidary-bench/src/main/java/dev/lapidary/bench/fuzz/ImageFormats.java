package dev.lapidary.bench.fuzz;

import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageDecoder;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Pictures and archives of them. The WebP examples are those that the decoder's tests compare with Pillow. */
final class ImageFormats {
    private static final int WIDTH = 24;
    private static final int HEIGHT = 16;
    private static final int PNG_SIGNATURE = 8; // bytes

    private ImageFormats() {}

    static List<FuzzFormat> all() {
        List<FuzzFormat> all = new ArrayList<>();
        for (String kind : List.of("png", "jpg")) {
            all.add(new FuzzFormat(
                    kind,
                    "a." + kind,
                    folder -> Files.write(folder.resolve("a." + kind), image(kind)),
                    at("a." + kind)));
        }
        all.add(new FuzzFormat(
                "png-sealed",
                "a.png",
                folder -> Files.write(folder.resolve("a.png"), image("png")),
                at("a.png"),
                ImageFormats::sealed));
        for (String kind : List.of("lossy", "alpha", "alpha-lossless")) {
            all.add(new FuzzFormat(
                    "webp-" + kind,
                    "a.webp",
                    folder -> Files.write(folder.resolve("a.webp"), resource("decode-" + kind + ".webp")),
                    at("a.webp")));
        }
        all.add(new FuzzFormat("image-zip", "a.zip", ImageFormats::zip, ImageFormats::items));
        all.add(new FuzzFormat(
                "concept-labels",
                "a.csv",
                folder -> Files.writeString(
                        folder.resolve("a.csv"), "image,round,\"dark, red\"\na/1.png,1,0\nb.png,,1\n"),
                folder -> ConceptLabels.read(folder.resolve("a.csv"), List.of("a/1.png", "b.png"))));
        return all;
    }

    /** A small picture. */
    static RgbImage picture() {
        return ImageDecoder.decode("picture", image("png"));
    }

    private static FuzzFormat.Reader at(String file) {
        return folder -> ImageDecoder.decode("a", Files.readAllBytes(folder.resolve(file)));
    }

    private static byte[] image(String kind) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            image.setRGB(i % WIDTH, i / WIDTH, i * 7919);
        }
        var out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, kind, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ImageFormats.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    /** Gives the chunks of a PNG their checksums, as far as their lengths lead. */
    static byte[] sealed(byte[] png) {
        ByteBuffer bytes = ByteBuffer.wrap(png);
        int at = PNG_SIGNATURE;
        while (at + 12 <= png.length) {
            int length = bytes.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(png, at + 4, 4 + length);
            bytes.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
        return png;
    }

    private static void zip(Path folder) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("a.zip")))) {
            for (String name : List.of("all/cats/1.png", "all/dogs/2.png", "all/dogs/3.png")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(image("png"));
                zip.closeEntry();
            }
        }
    }

    private static void items(Path folder) {
        try (ImageItems items = ImageItems.open(folder.resolve("a.zip"))) {
            items.read(2, RgbImage::width, batch -> {});
        }
    }
}
