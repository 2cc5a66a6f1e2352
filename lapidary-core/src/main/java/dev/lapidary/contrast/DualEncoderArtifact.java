package dev.lapidary.contrast;

import dev.lapidary.runtime.artifact.ArtifactKind;
import java.util.regex.Pattern;

/** A folder of {@link TrainedEncoders} or {@link AdaptedEncoder}. */
public final class DualEncoderArtifact implements ArtifactKind {
    private static final Pattern FILES = Pattern.compile(
            "onnx/(text|vision)_model\\.onnx|tokenizer\\.json|(preprocessor_)?config\\.json|metrics\\.jsonl"
                    + "|training_images\\.txt");

    @Override
    public String format() {
        return TrainedEncoders.FORMAT;
    }

    @Override
    public String title() {
        return "a pair of encoders";
    }

    @Override
    public boolean owns(String file) {
        return FILES.matcher(file).matches();
    }
}
