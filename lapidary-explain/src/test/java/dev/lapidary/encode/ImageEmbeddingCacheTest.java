package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageEmbeddingCacheTest {
    private static final int FILES = 40;

    @TempDir
    private Path place;

    private Path pictures;
    private Path cache;

    @BeforeEach
    void draw() throws IOException {
        pictures = place.resolve("pictures");
        cache = place.resolve("cache");
        for (int i = 0; i < FILES; i++) {
            TinyClip.draw(pictures.resolve(String.format("%s/%02d.png", i % 2 == 0 ? "a" : "b", i)), colour(i), 3, 3);
        }
    }

    private static int colour(int i) {
        return 0x40ff00 + 5 * i;
    }

    /** Embeds a picture as its first pixels, and remembers what it was asked. */
    private static final class Counting implements ImageTextEncoder {
        final List<Integer> prepared = Collections.synchronizedList(new ArrayList<>());
        int embedded;
        int largestBatch;
        private final String imageDigest;

        Counting(String imageDigest) {
            this.imageDigest = imageDigest;
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public String digest() {
            return "both";
        }

        @Override
        public String imageDigest() {
            return imageDigest;
        }

        @Override
        public int width() {
            return 4;
        }

        @Override
        public int maxTokens() {
            return 4;
        }

        @Override
        public LogitScale logitScale() {
            return new LogitScale(1, 0);
        }

        @Override
        public List<String> promptTemplates() {
            return PromptEncoder.BARE;
        }

        @Override
        public PixelValues prepare(RgbImage picture) {
            prepared.add(picture.width());
            float[] values = new float[3 * picture.height() * picture.width()];
            for (int i = 0; i < values.length; i++) {
                values[i] = picture.pixels()[i] & 0xff;
            }
            return new PixelValues(picture.height(), picture.width(), values);
        }

        @Override
        public EmbeddingMatrix embed(List<PixelValues> pictures) {
            embedded += pictures.size();
            largestBatch = Math.max(largestBatch, pictures.size());
            return EmbeddingMatrix.of(pictures.stream()
                    .map(one -> new float[] {one.values()[0], one.values()[1], one.values()[2], 1})
                    .toArray(float[][]::new));
        }

        @Override
        public EncodedTexts encode(List<String> texts, Progress progress) {
            return new EncodedTexts(EmbeddingMatrix.allocate(texts.size(), 4), 0, 0);
        }

        @Override
        public void close() {}
    }

    private void check(ImageTextEncoder encoder, Progress progress) {
        try (ImageItems items = ImageItems.open(pictures);
                EncodedImages images = encoder.encode(items, progress)) {
            for (int row = 0; row < images.items().size(); row++) {
                String name = images.items().get(row).name();
                int i = Integer.parseInt(name.substring(2, 4));
                assertThat(images.embeddings().row(row))
                        .as(name)
                        .containsExactly(new float[] {0x40, 0xff, 5 * i, 1}, within(0f));
            }
        }
    }

    @Test
    void knownFilesAreNeitherDecodedNorEmbedded() throws IOException {
        Counting first = new Counting("i1");
        try (ImageTextEncoder encoder = new ImageEmbeddingCache(first, cache)) {
            check(encoder, Progress.silent());
        }
        assertThat(first.embedded).isEqualTo(FILES);
        assertThat(first.largestBatch).isEqualTo(16);
        Files.copy(pictures.resolve("a/00.png"), pictures.resolve("b/00.png"));
        Counting second = new Counting("i1");
        try (ImageTextEncoder encoder = new ImageEmbeddingCache(second, cache)) {
            check(encoder, Progress.silent());
            TinyClip.draw(pictures.resolve("a/02.png"), colour(2), 8, 5); // other bytes of the same colour
            check(encoder, Progress.silent());
        }
        assertThat(second.prepared).containsExactly(8);
        assertThat(second.embedded).isEqualTo(1);
        Counting other = new Counting("i2");
        try (ImageTextEncoder encoder = new ImageEmbeddingCache(other, cache)) {
            check(encoder, Progress.silent());
        }
        assertThat(other.embedded).isEqualTo(FILES); // the copy only once
    }

    @Test
    void anInterruptedRunKeepsWhatItEmbedded() {
        Progress stopping = (name, total) -> new Progress.Task() {
            private long done;

            @Override
            public void advance(long steps) {
                done += steps;
                if (done >= 32) {
                    throw new CancellationException();
                }
            }

            @Override
            public void close() {}
        };
        try (ImageTextEncoder encoder = new ImageEmbeddingCache(new Counting("i"), cache)) {
            assertThatThrownBy(() -> check(encoder, stopping)).isInstanceOf(CancellationException.class);
        }
        Counting second = new Counting("i");
        try (ImageTextEncoder encoder = new ImageEmbeddingCache(second, cache)) {
            check(encoder, Progress.silent());
        }
        assertThat(second.embedded).isEqualTo(FILES - 32);
    }

    @Test
    void theProgressTellsTheRate() {
        List<String> notes = new ArrayList<>();
        Progress noting = (name, total) -> {
            notes.add(name + " " + total);
            return new Progress.Task() {
                @Override
                public void advance(long steps) {}

                @Override
                public void note(String text) {
                    notes.add(text);
                }

                @Override
                public void close() {}
            };
        };
        check(new Counting("i"), noting);
        assertThat(notes.getFirst()).isEqualTo("Encoding images 40");
        assertThat(notes.getLast()).matches("\\d+\\.\\d images/s");
    }
}
