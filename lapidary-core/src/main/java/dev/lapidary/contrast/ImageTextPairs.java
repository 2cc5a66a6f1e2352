package dev.lapidary.contrast;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.encode.TrainingImages;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageReport;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a pair of encoders learns from, in memory: images as small squares, the captions of each, and the captions' embeddings by a
 * text encoder that stays as it is.
 */
public final class ImageTextPairs implements AutoCloseable {
    private final Pixels pixels;
    private final List<int[]> owned; // by image: its captions, sorted
    private final List<String> captions;
    private final EmbeddingMatrix embeddings;
    private final ImageReport report;
    private final TrainingImages files;

    private ImageTextPairs(
            SquareImages read,
            List<int[]> owned,
            List<String> captions,
            EmbeddingMatrix embeddings,
            ImageReport report) {
        this.pixels = read.pixels();
        this.files = read.files();
        this.owned = owned;
        this.captions = captions;
        this.embeddings = embeddings;
        this.report = report;
    }

    /**
     * Reads all images and embeds all captions.
     *
     * @param source of the captions of each image
     * @param encoder of the captions; stays the caller's
     * @param side to which images are resized and cropped, in pixels
     * @throws InputException where an image has no caption, or the images do not fit into memory
     */
    public static ImageTextPairs read(
            ImageItems images, CaptionSource source, TextEncoder encoder, int side, Progress progress) {
        Captions all = new Captions();
        SquareImages read = SquareImages.read(images, side, progress, item -> all.add(item, source));
        try {
            List<String> captions = List.copyOf(all.numbers.keySet());
            EncodedTexts encoded = encoder.encode(captions, progress);
            return new ImageTextPairs(
                    read,
                    all.owned,
                    captions,
                    encoded.embeddings(),
                    report(read.report(), encoded.warnings(encoder, captions)));
        } catch (RuntimeException | Error e) {
            read.pixels().close();
            throw e;
        }
    }

    private static ImageReport report(ImageReport images, List<String> captions) {
        return new ImageReport(
                images.read(),
                images.skipped(),
                Stream.concat(images.remarks().stream(), captions.stream().map(line -> "captions: " + line))
                        .toList());
    }

    /** Numbers captions as they come. */
    private static final class Captions {
        private final Map<String, Integer> numbers = new LinkedHashMap<>();

        @SuppressWarnings("IdentityHashMapUsage")
        private final Map<List<String>, int[]> known = new IdentityHashMap<>(); // of lists that many images share

        private final List<int[]> owned = new ArrayList<>();

        void add(ImageItem image, CaptionSource source) {
            List<String> own = source.of(image);
            if (own.isEmpty()) {
                throw new InputException(image.name() + ": must have a caption; got none");
            }
            owned.add(known.computeIfAbsent(own, this::numbers));
        }

        private int[] numbers(List<String> own) {
            return own.stream()
                    .mapToInt(caption -> numbers.computeIfAbsent(caption, ignored -> numbers.size()))
                    .sorted()
                    .distinct()
                    .toArray();
        }
    }

    /** Number of images, n. */
    public int size() {
        return owned.size();
    }

    /** All captions, each once. */
    public List<String> captions() {
        return captions;
    }

    /** What was read and what was skipped. */
    public ImageReport report() {
        return report;
    }

    TrainingImages files() {
        return files;
    }

    Pixels pixels() {
        return pixels;
    }

    /** The captions of an image, as indices into {@link #captions}, sorted; not a copy. */
    int[] captions(int image) {
        return owned.get(image);
    }

    boolean has(int image, int caption) {
        return Arrays.binarySearch(owned.get(image), caption) >= 0;
    }

    /** The captions' embeddings [captions, width]. */
    EmbeddingMatrix embeddings() {
        return embeddings;
    }

    /** SHA-256 in hexadecimal over pixels, captions and the captions' embeddings. */
    String digest() {
        MessageDigest sha = Sha256.digest();
        pixels.update(sha);
        captions.forEach(caption -> sha.update((caption + "\n").getBytes(StandardCharsets.UTF_8)));
        for (int[] own : owned) {
            sha.update(Arrays.toString(own).getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < captions.size(); i++) {
            Pixels.update(sha, embeddings.rowSegment(i));
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    @Override
    public void close() {
        pixels.close();
        embeddings.close();
    }
}
