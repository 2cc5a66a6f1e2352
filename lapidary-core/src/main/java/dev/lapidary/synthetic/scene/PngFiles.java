package dev.lapidary.synthetic.scene;

import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.file.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures as PNG. */
final class PngFiles {
    private static final String FORMAT = "png";

    private PngFiles() {}

    /** Writes a picture that appears under its name whole or not at all. */
    static void write(Path file, RgbImage image) throws IOException {
        byte[] png = encode(image);
        AtomicFiles.write(file, temporary -> Files.write(temporary, png));
    }

    private static byte[] encode(RgbImage image) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(FORMAT).next();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream =
                new MemoryCacheImageOutputStream(png)) { // not the default, a file each
            writer.setOutput(stream);
            writer.write(buffered(image));
        } finally {
            writer.dispose();
        }
        return png.toByteArray();
    }

    private static BufferedImage buffered(RgbImage image) {
        BufferedImage buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] pixels = image.pixels();
        for (int i = 0, at = 0; at < pixels.length; i++, at += 3) {
            int rgb = ((pixels[at] & 0xff) << 16) | ((pixels[at + 1] & 0xff) << 8) | (pixels[at + 2] & 0xff);
            buffered.setRGB(i % image.width(), i / image.width(), rgb);
        }
        return buffered;
    }
}
