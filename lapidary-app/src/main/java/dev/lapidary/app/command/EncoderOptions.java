package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.ImageEmbeddingCache;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which encoder embeds texts and images. */
final class EncoderOptions {
    private static final String PACKAGED = "packaged";

    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            description =
                    "A sentence encoder, or a CLIP or SigLIP, as an ONNX export in the Hugging Face layout; by default the "
                            + "packaged one of texts, which can also be named: " + PACKAGED + ".")
    private @Nullable String encoder;

    boolean given() {
        return encoder != null;
    }

    /** Whether {@code encoder train} or {@code encoder adapt} wrote it. */
    boolean isTrainedHere() {
        return encoder != null && !encoder.equals(PACKAGED) && TrainedEncoders.isAt(Path.of(encoder));
    }

    /** Opens it behind the cache of embeddings; the caller closes it. */
    TextEncoder open() {
        if (encoder == null || encoder.equals(PACKAGED)) {
            return EmbeddingCache.packaged();
        }
        Path folder = Path.of(encoder);
        return ClipEncoder.isAt(folder)
                ? openImages()
                : new EmbeddingCache(OnnxTextEncoder.open(folder), CacheFolder.sub("embeddings"));
    }

    /** Opens one of images behind the cache; the caller closes it. */
    ImageTextEncoder openImages() {
        if (encoder == null || encoder.equals(PACKAGED)) {
            throw new InputException(
                    "images must come with --encoder DIR of an image encoder, a CLIP or SigLIP exported to"
                            + " ONNX; got " + (encoder == null ? "none" : "the packaged one of texts"));
        }
        return new ImageEmbeddingCache(ClipEncoder.open(Path.of(encoder)), CacheFolder.sub("embeddings"));
    }

    /** Opens the encoder of images that a classifier was trained with. */
    ReadItems.ImageEncoderSource of(ConceptClassifier model) {
        if (!model.identity().encoder().images()) {
            throw new InputException("items must be texts or embeddings, as those of the training were; got images");
        }
        return () -> {
            ImageTextEncoder opened = openImages();
            try {
                model.requireEncoder(opened);
                return opened;
            } catch (InputException e) {
                opened.close();
                throw e;
            }
        };
    }
}
