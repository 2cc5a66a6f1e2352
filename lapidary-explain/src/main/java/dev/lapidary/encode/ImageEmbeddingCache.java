package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import java.nio.file.Path;
import java.util.List;

/**
 * Remembers the embeddings of an encoder of images and texts on disk, so that no text and no image file is ever embedded twice.
 *
 * <p>An image's row is found by the encoder's {@link #imageDigest}, the version of decoding and preprocessing, and the first 128 bits of
 * the SHA-256 of the file's bytes. New rows are saved at least every minute, so that an interrupted run loses little. Several processes may share the folder. Closing
 * it closes the inner encoder.
 */
public final class ImageEmbeddingCache implements ImageTextEncoder {
    /** Raised when pictures begin to be decoded or prepared otherwise; 2: the EXIF orientation is applied. */
    private static final String VERSION = "images 2";

    private final ImageTextEncoder inner;
    private final EmbeddingCache texts;
    private final EmbeddingStore images;

    /**
     * Opens the cache of an encoder.
     *
     * @param folder of all encoders' caches, as for {@link EmbeddingCache}
     */
    public ImageEmbeddingCache(ImageTextEncoder inner, Path folder) {
        this.inner = inner;
        StoreLimit limit = new StoreLimit(folder, CacheFolder.limit());
        this.texts = new EmbeddingCache(inner, limit);
        this.images = EmbeddingStore.of(limit, VERSION, inner.imageDigest(), inner.width());
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String digest() {
        return inner.digest();
    }

    @Override
    public String imageDigest() {
        return inner.imageDigest();
    }

    @Override
    public int width() {
        return inner.width();
    }

    @Override
    public int maxTokens() {
        return inner.maxTokens();
    }

    @Override
    public LogitScale logitScale() {
        return inner.logitScale();
    }

    @Override
    public List<String> promptTemplates() {
        return inner.promptTemplates();
    }

    @Override
    public PixelValues prepare(RgbImage picture) {
        return inner.prepare(picture);
    }

    @Override
    public int batch() {
        return inner.batch();
    }

    @Override
    public EmbeddingMatrix embed(List<PixelValues> pictures) {
        return inner.embed(pictures);
    }

    @Override
    public EncodedTexts encode(List<String> some, Progress progress) {
        return texts.encode(some, progress);
    }

    @Override
    public synchronized EncodedImages encode(ImageItems some, Progress progress) {
        return ImageEncoding.run(inner, images, some, progress);
    }

    @Override
    public synchronized void close() {
        images.close();
        texts.close();
    }
}
