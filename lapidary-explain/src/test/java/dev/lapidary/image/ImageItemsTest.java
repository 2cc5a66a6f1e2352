package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageItemsTest {
    @TempDir
    private Path place;

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(place.resolve("pets"));
    }

    @Test
    void foldersAreClassesInTheOrderOfNames() throws Exception {
        for (int i = 0; i < 30; i++) {
            put(i % 2 == 0 ? "dog/" + i + ".png" : "cat/deep/" + i + ".jpg", picture(i, i % 2 == 0 ? "png" : "jpg"));
        }
        Files.createFile(folder.resolve("dog/.hidden"));
        try (ImageItems items = ImageItems.open(folder)) {
            assertThat(items.classes()).containsExactly("cat", "dog");
            List<String> names = items.items().stream().map(ImageItem::name).toList();
            assertThat(names).hasSize(30).isSorted().startsWith("cat/deep/1.jpg", "cat/deep/11.jpg");
            for (int threads : new int[] {1, 4}) {
                List<Integer> sizes = new ArrayList<>();
                List<String> read = new ArrayList<>();
                ImageReport report = items.read(7, threads, ImageItemsTest::slowWidth, batch -> {
                    sizes.add(batch.size());
                    for (ReadImage<Integer> one : batch) {
                        read.add(one.item().name());
                        assertThat(one.item().name()).endsWith("/" + (one.value() - 1) + ending(one.value()));
                    }
                });
                assertThat(sizes).containsExactly(7, 7, 7, 7, 2);
                assertThat(read).isEqualTo(names);
                assertThat(report).isEqualTo(new ImageReport(30, List.of()));
            }
        }
    }

    private static int slowWidth(RgbImage image) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(4));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return image.width();
    }

    private static String ending(int width) {
        return width % 2 == 1 ? ".png" : ".jpg";
    }

    @Test
    void whatCannotBeDecodedIsSkippedAndListed() throws Exception {
        put("cat/1.png", picture(3, "png"));
        put("cat/2.jpg", "not a picture".getBytes(StandardCharsets.UTF_8));
        put("dog/1.jpg", picture(4, "jpg"));
        put("dog/2.png", new byte[0]);
        put("notes.txt", new byte[] {1});

        ImageReport report = report(folder);

        assertThat(report.read()).isEqualTo(2);
        assertThat(report.skipped())
                .extracting(SkippedImage::name)
                .containsExactly("notes.txt", "cat/2.jpg", "dog/2.png");
        assertThat(report.skipped())
                .extracting(SkippedImage::reason)
                .containsExactly(
                        "notes.txt: must lie in the folder of its class; got a file outside of them",
                        "cat/2.jpg: must be a JPEG, PNG or WebP file; got one that begins with 'not a pi'",
                        "dog/2.png: must be a JPEG, PNG or WebP file; got an empty file");
    }

    @Test
    void linksThatLeadOutAreSkipped() throws Exception {
        put("cat/1.png", picture(3, "png"));
        put("dog/1.png", picture(4, "png"));
        Path outside = Files.write(place.resolve("secret.png"), picture(5, "png"));
        Files.createSymbolicLink(folder.resolve("cat/link.png"), outside);
        Files.createSymbolicLink(folder.resolve("dog/inside.png"), folder.resolve("cat/1.png"));
        Files.createSymbolicLink(folder.resolve("bird"), place);

        ImageReport report = report(folder);

        assertThat(report.read()).isEqualTo(3);
        assertThat(report.skipped()).extracting(SkippedImage::name).containsExactly("bird", "cat/link.png");
        assertThat(report.skipped().get(1).reason()).contains("got a link that leads out of it");
    }

    @Test
    void whatHasNothingToLearnFromIsOneLine() throws Exception {
        refused(place.resolve("nowhere"), "got nothing at this path");
        refused(folder, folder + ": must hold images; got none");
        put("cat/1.png", picture(3, "png"));
        refused(folder, folder + ": images must be of at least two classes; got only 'cat'");
        refused(
                folder.resolve("cat/1.png"),
                "must be a folder, a .zip, .csv, .tsv or .jsonl file with images; got one image");
        put("dog/1.png", new byte[] {7});
        refused(folder, folder + ": images must be of at least two classes; got only 'cat'"); // after reading
        put("cat/1.png", new byte[] {7});
        refused(
                folder,
                folder + ": must hold an image that can be read; got none of 2, the first because cat/1.png: must be");
    }

    @Test
    void unlabelledPicturesNeedNoFolders() throws Exception {
        put("1.png", picture(3, "png"));
        put("cat/1.png", picture(3, "png"));
        try (ImageItems items = ImageItems.openUnlabelled(folder)) {
            assertThat(items.items())
                    .containsExactly(
                            new ImageItem("1.png", Optional.empty(), Optional.empty()),
                            new ImageItem("cat/1.png", Optional.of("cat"), Optional.empty()));
        }
    }

    @Test
    void tablesNamePathsLabelsAndCaptions() throws Exception {
        put("a/1.png", picture(3, "png"));
        put("a/2.png", picture(4, "png"));
        Files.write(place.resolve("secret.png"), picture(5, "png"));
        Path table = Files.writeString(folder.resolve("list.csv"), """
                image,label,caption
                a/2.png,dog,"a dog, asleep"
                a/1.png,cat,
                ../secret.png,cat,out
                %s,cat,absolute
                a/3.png,cat,missing
                ,cat,none
                """.formatted(place.resolve("secret.png")));
        try (ImageItems items = ImageItems.open(table)) {
            assertThat(items.items())
                    .startsWith(
                            new ImageItem("a/2.png", Optional.of("dog"), Optional.of("a dog, asleep")),
                            new ImageItem("a/1.png", Optional.of("cat"), Optional.empty()));
        }

        ImageReport report = report(table);

        assertThat(report.read()).isEqualTo(2);
        assertThat(report.skipped())
                .extracting(SkippedImage::name)
                .containsExactly("../secret.png", place.resolve("secret.png").toString(), "line 7", "a/3.png");
        assertThat(report.skipped().getLast().reason()).isEqualTo("a/3.png: must be a file; got nothing at this path");
    }

    @Test
    void tablesOfCaptionsNeedNoLabels() throws Exception {
        put("1.png", picture(3, "png"));
        Path table = Files.writeString(folder.resolve("list.csv"), "file,text\n1.png,a square\n");

        assertThat(report(table).read()).isEqualTo(1);
        refused(Files.writeString(folder.resolve("other.csv"), "x,y\n1,2\n"), "must name a column of image paths");
    }

    @Test
    void archivesAreReadWithoutTheFolderAroundThem() throws Exception {
        Path zip = zip("pets/dog/1.png", "pets/cat/2.png", "pets/cat/1.png", "__MACOSX/pets/cat/1.png");
        try (ImageItems items = ImageItems.open(zip)) {
            assertThat(items.items())
                    .extracting(ImageItem::name)
                    .containsExactly("cat/1.png", "cat/2.png", "dog/1.png");
            assertThat(items.classes()).containsExactly("cat", "dog");
        }
        assertThat(report(zip)).isEqualTo(new ImageReport(3, List.of()));
    }

    @Test
    void archivesThatLeadOutOrAreBrokenAreRefused() throws Exception {
        refused(zip("cat/1.png", "dog/../../1.png"), "got one that leads out of it, 'dog/../../1.png'");
        refused(zip("cat/1.png", "/dog/1.png"), "leads out of it");
        refused(Files.write(place.resolve("no.zip"), new byte[] {'P', 'K', 3, 4}), "must be a whole zip archive");
    }

    @Test
    void entriesThatAreTooLargeAreSkippedUnread() throws Exception {
        Path zip = place.resolve("bomb.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            entry(out, "cat/1.png", picture(3, "png"));
            entry(out, "dog/1.png", picture(3, "png"));
            out.putNextEntry(new ZipEntry("dog/2.png"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 65; i++) {
                out.write(zeros);
            }
        }

        assertThat(report(zip).skipped())
                .containsExactly(
                        new SkippedImage("dog/2.png", "dog/2.png: must have at most 67,108,864 bytes; got 68,157,440"));
    }

    @Test
    void whatTheWorkThrowsComesThrough() throws Exception {
        put("cat/1.png", picture(3, "png"));
        put("dog/1.png", picture(3, "png"));
        try (ImageItems items = ImageItems.open(folder)) {
            assertThatThrownBy(() -> items.read(
                            2,
                            image -> {
                                throw new IllegalStateException("broken");
                            },
                            batch -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("broken");
            assertThatThrownBy(() -> items.read(0, RgbImage::width, batch -> {}))
                    .hasMessageEndingWith("got 0");
        }
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> report(path))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private static ImageReport report(Path path) {
        try (ImageItems items = ImageItems.open(path)) {
            return items.read(2, RgbImage::width, batch -> {});
        }
    }

    private void put(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, bytes);
    }

    @Test
    void aZipFileThatIsCutOffIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(zip("a/1.png", "b/2.png"));
        for (int length = 1; length < whole.length; length += length < 40 ? 1 : 13) {
            Path cut = Files.write(place.resolve("cut.zip"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> report(cut))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(cut + ": must be a whole zip archive; got");
        }
    }

    @Test
    void namesOfClassesFollowTheOneRule() throws IOException {
        try (ImageItems items =
                ImageItems.open(zip("Zu\u0308rich/1.png", "Z\u00fcrich\u00a0/2.png", "bern/3.png", "Bern/4.png"))) {
            assertThat(items.classes()).containsExactly("Bern", "Z\u00fcrich", "bern");
            ImageReport report = items.read(4, RgbImage::width, batch -> {});
            assertThat(report.warnings())
                    .singleElement()
                    .asString()
                    .contains("classes [Bern, bern] look alike: they differ in case");
        }
        try (ImageItems items =
                ImageItems.open(zip("train/pos/1.png", "train/neg/2.png", "test/pos/3.png", "test/neg/4.png"))) {
            assertThat(items.read(4, RgbImage::width, batch -> {}).warnings())
                    .singleElement()
                    .asString()
                    .contains("folders [neg, pos] repeat inside the classes [test, train]");
        }
    }

    private Path zip(String... names) throws IOException {
        Path zip = place.resolve("pets.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String name : names) {
                entry(out, name, picture(3, "png"));
            }
        }
        return zip;
    }

    private static void entry(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(bytes);
        out.closeEntry();
    }

    /** A picture that is one pixel wider than its number. */
    private static byte[] picture(int number, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BufferedImage image = new BufferedImage(number + 1, 5, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 2, 0x336699);
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }
}
