package dev.lapidary.bench;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Small inputs of the commands that {@link KillsBench} kills. */
final class KillsInputs {
    private static final int IMAGES = 24; // of each class
    private static final int ITEMS = 120;

    private KillsInputs() {}

    static Path text(Path folder) throws IOException {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            words.append("number ").append(i * i % 97).append(i % 3 == 0 ? " is odd.\n" : " is even, ");
        }
        return Files.writeString(folder.resolve("text.txt"), words.toString());
    }

    static Path images(Path folder) throws IOException {
        Path images = folder.resolve("images");
        for (String colour : List.of("red", "blue")) {
            Path own = Files.createDirectories(images.resolve(colour));
            for (int i = 0; i < IMAGES; i++) {
                BufferedImage image = new BufferedImage(20, 24, BufferedImage.TYPE_INT_RGB);
                for (int j = 0; j < 20; j++) {
                    image.setRGB(j, (i * 7 + j) % 24, colour.equals("red") ? 0xff0000 : 0xff);
                }
                ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
            }
        }
        return images;
    }

    static Path captions(Path folder) throws IOException {
        return Files.writeString(folder.resolve("captions.txt"), "red: something red\nblue: something blue\n");
    }

    static Path colours(Path folder) throws IOException {
        return Files.writeString(folder.resolve("colours.txt"), "something red\nsomething blue\n");
    }

    static Path items(Path folder) throws IOException {
        StringBuilder items = new StringBuilder("text,label\n");
        for (int i = 0; i < ITEMS; i++) {
            items.append(
                            i % 2 == 0
                                    ? "the lamp of house " + i + " is dark,light"
                                    : "the bin of house " + i + " is full,waste")
                    .append('\n');
        }
        return Files.writeString(folder.resolve("items.csv"), items.toString());
    }

    static Path concepts(Path folder) throws IOException {
        return Files.writeString(folder.resolve("concepts.txt"), "broken lamp\nfull bin\nhouse\n");
    }
}
