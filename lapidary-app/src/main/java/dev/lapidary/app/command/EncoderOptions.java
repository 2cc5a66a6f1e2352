package dev.lapidary.app.command;

import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.file.CacheFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which encoder embeds texts. */
final class EncoderOptions {
    private static final String PACKAGED = "packaged";

    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            description =
                    "A sentence encoder as an ONNX export in the Hugging Face layout; by default the packaged one, which "
                            + "can also be named: " + PACKAGED + ".")
    private @Nullable String encoder;

    boolean given() {
        return encoder != null;
    }

    /** Opens it behind the cache of embeddings; the caller closes it. */
    TextEncoder open() {
        return encoder == null || encoder.equals(PACKAGED)
                ? EmbeddingCache.packaged()
                : new EmbeddingCache(OnnxTextEncoder.open(Path.of(encoder)), CacheFolder.sub("embeddings"));
    }
}
