package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.nio.file.Path;

/** What kinds of image and text encoders have in common, by the model_type of their config.json. */
enum ClipKind {
    /** A softmax over the batch; texts are as long as they are. */
    CLIP("text_embeds", "image_embeds", 77, 512, 100, 0),
    /** A sigmoid for every pair; texts are padded. The logits are those with which the training began. */
    SIGLIP("pooler_output", "pooler_output", 64, 768, 10, -10);

    private final String textOutput;
    private final String imageOutput;
    private final int tokens;
    private final int width;
    private final double scale;
    private final double bias;

    ClipKind(String textOutput, String imageOutput, int tokens, int width, double scale, double bias) {
        this.textOutput = textOutput;
        this.imageOutput = imageOutput;
        this.tokens = tokens;
        this.width = width;
        this.scale = scale;
        this.bias = bias;
    }

    /** The kind that a config.json names. */
    static ClipKind of(Path config, String modelType) {
        return switch (modelType) {
            case "clip" -> CLIP;
            case "siglip" -> SIGLIP;
            default -> throw new InputException(config + ": model_type must be clip or siglip; got " + modelType);
        };
    }

    String textOutput() {
        return textOutput;
    }

    String imageOutput() {
        return imageOutput;
    }

    /** The longest text where the configuration says nothing. */
    int tokens() {
        return tokens;
    }

    /** The width of embeddings where neither the networks nor the configuration say it, as in transformers. */
    int width() {
        return width;
    }

    /** The published scale of logits, for a folder that does not tell its own. */
    LogitScale usual() {
        return new LogitScale(scale, bias);
    }
}
