package dev.lapidary.systems.sparsecbm;

import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** The files that hold a trained encoder's weights. */
final class EncoderFiles {
    private static final List<String> WEIGHTS = List.of("onnx/vision_model.onnx", "onnx/text_model.onnx");

    private EncoderFiles() {}

    /** Returns the SHA-256 of both networks' files together. */
    static String digest(Path folder) {
        try {
            StringBuilder all = new StringBuilder();
            for (String file : WEIGHTS) {
                all.append(Sha256.of(folder.resolve(file))).append('\n');
            }
            return Sha256.of(all.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }
}
