package dev.lapidary.contrast;

import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TrainingImages;
import dev.lapidary.image.ImageReport;
import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A trained pair of encoders, with how the training went. */
public final class TrainedEncoders {
    /** The format that the {@value AtomicFiles#MARKER} of a written folder names. */
    public static final String FORMAT = "lapidary-dual-encoder";

    /** Where the image network lies. */
    static final String VISION = "onnx/vision_model.onnx";
    /** Where it stands how images are prepared. */
    static final String PREPROCESSOR = "preprocessor_config.json";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int BICUBIC = 3; // Pillow's number

    private final ContrastiveSettings settings;
    private final FoldedWeights weights;
    private final TextSide textSide;
    private final ColourStatistics colours;
    private final Map<String, Number> figures;
    private final TrainingImages files;
    private final ImageReport report;

    /** How a training went, and on which images. */
    record Origin(Map<String, Number> figures, TrainingImages files, ImageReport report) {}

    TrainedEncoders(
            ContrastiveSettings settings,
            FoldedWeights weights,
            TextSide textSide,
            ColourStatistics colours,
            Origin origin) {
        this.settings = settings;
        this.weights = weights;
        this.textSide = textSide;
        this.colours = colours;
        this.figures = Map.copyOf(origin.figures());
        this.files = origin.files();
        this.report = origin.report();
    }

    /** Whether a folder is one that Lapidary wrote, by its {@value AtomicFiles#MARKER}. */
    public static boolean isAt(Path folder) {
        return Artifact.isAt(folder, new DualEncoderArtifact());
    }

    /**
     * Figures by name: steps, seconds, images, heldOutImages, captions, imagesPerSecond, and precision, the R-precision of held-out
     * images (at most 2,048): of the k captions most similar to an image, among all that were drawn for those images, the share
     * that is its own, where k is how many it has.
     */
    public Map<String, Number> figures() {
        return figures;
    }

    /** What was read and what was skipped. */
    public ImageReport report() {
        return report;
    }

    /** Trained values of the image network. */
    public long parameters() {
        return weights.size();
    }

    /**
     * Writes a folder in the layout of ONNX exports of CLIP, in one piece: {@code onnx/vision_model.onnx}, {@code
     * onnx/text_model.onnx}, {@code tokenizer.json}, {@code preprocessor_config.json}, {@code config.json}, {@value
     * TrainingImages#FILE}, and {@value AtomicFiles#MARKER} with how it came about.
     *
     * @param folder new, empty, or one that Lapidary wrote, which is replaced
     * @param text the encoder that embedded the captions; stays the caller's
     * @param notes what to note down
     * @throws dev.lapidary.runtime.InputException where the folder holds something else
     */
    public void write(Path folder, OnnxTextEncoder text, Map<String, String> notes) {
        try {
            Artifact.write(folder, new DualEncoderArtifact(), temporary -> {
                text.writeProjected(temporary, textSide.projection());
                vision().write(temporary.resolve(VISION));
                Files.writeString(temporary.resolve(PREPROCESSOR), preprocessor());
                Files.writeString(temporary.resolve("config.json"), config(text));
                files.write(temporary);
                Files.writeString(temporary.resolve(AtomicFiles.MARKER), EncoderMarker.text(figures, notes));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
    }

    /** The image network. */
    OnnxGraph vision() {
        return OnnxNetwork.graph(settings.network(), weights);
    }

    private String preprocessor() {
        int side = settings.network().side();
        ObjectNode root = JSON.createObjectNode();
        root.put("image_processor_type", "CLIPImageProcessor");
        root.put("do_convert_rgb", true).put("do_resize", true).put("resample", BICUBIC);
        root.putObject("size").put("shortest_edge", side);
        root.put("do_center_crop", true);
        root.putObject("crop_size").put("height", side).put("width", side);
        root.put("do_rescale", true).put("rescale_factor", 1.0 / 255).put("do_normalize", true);
        numbers(root.putArray("image_mean"), colours.mean());
        numbers(root.putArray("image_std"), colours.deviation());
        return line(root);
    }

    private static void numbers(ArrayNode array, double[] values) {
        for (double value : values) {
            array.add(value);
        }
    }

    private String config(OnnxTextEncoder text) {
        ObjectNode root = JSON.createObjectNode();
        root.put("model_type", "clip").put("projection_dim", settings.network().embedding());
        root.put("logit_scale", textSide.logitScale());
        root.putObject("text_config").put("hidden_size", text.width()).put("max_position_embeddings", text.maxTokens());
        root.putObject("vision_config").put("image_size", settings.network().side());
        root.putArray("prompt_templates").add(PromptEncoder.NAME);
        return line(root);
    }

    private static String line(ObjectNode root) {
        return root.toString() + "\n";
    }
}
