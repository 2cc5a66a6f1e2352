package dev.lapidary.image;

import dev.lapidary.image.TargetSize.Fixed;
import dev.lapidary.image.TargetSize.ShortestEdge;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The settings in a preprocessor_config.json; what is missing there is as the class of transformers has it. */
final class ProcessorConfig {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long LARGEST_FILE = 1 << 20; // bytes
    private static final int LARGEST_SIDE = 4096; // pixels
    private static final int SHOWN = 80; // letters of a wrong value
    private static final int DEFAULT_SIDE = 224; // pixels
    private static final double BYTE = 1.0 / 255;

    private final Path file; // for messages
    private final JsonNode root;
    private final Kind kind;

    private ProcessorConfig(Path file, JsonNode root, Kind kind) {
        this.file = file;
        this.root = root;
        this.kind = kind;
    }

    /**
     * A class of transformers, with what it has where a key is missing.
     *
     * @param crops whether it cuts out the centre; the others have no such step, whatever their file says
     */
    private record Kind(
            TargetSize size, ResizeFilter filter, boolean crops, List<Double> mean, List<Double> deviation) {
        private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);
        private static final Kind CLIP = new Kind(
                new ShortestEdge(DEFAULT_SIDE),
                ResizeFilter.BICUBIC,
                true,
                List.of(0.48145466, 0.4578275, 0.40821073),
                List.of(0.26862954, 0.26130258, 0.27577711));
        private static final Kind SIGLIP =
                new Kind(new Fixed(DEFAULT_SIDE, DEFAULT_SIDE), ResizeFilter.BICUBIC, false, HALVES, HALVES);
        private static final Kind VIT =
                new Kind(new Fixed(DEFAULT_SIDE, DEFAULT_SIDE), ResizeFilter.BILINEAR, false, HALVES, HALVES);

        private static Kind of(Path file, String name) {
            return switch (name) {
                case "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPFeatureExtractor" -> CLIP;
                case "SiglipImageProcessor", "SiglipImageProcessorFast" -> SIGLIP;
                case "ViTImageProcessor", "ViTImageProcessorFast" -> VIT;
                default ->
                    throw new InputException(
                            file + ": image_processor_type must be CLIPImageProcessor, CLIPFeatureExtractor,"
                                    + " SiglipImageProcessor or ViTImageProcessor; got " + name);
            };
        }
    }

    static ProcessorConfig read(Path file) {
        JsonNode root = json(file);
        if (!root.isObject()) {
            throw new InputException(file + ": must be a JSON object; got another value");
        }
        JsonNode name = root.path("image_processor_type");
        if (name.isMissingNode()) {
            name = root.path("feature_extractor_type"); // until 2022
        }
        if (!name.isString()) {
            throw new InputException(file + ": must name its class as image_processor_type; got "
                    + (name.isMissingNode() ? "none" : name.toString()));
        }
        return new ProcessorConfig(file, root, Kind.of(file, name.asString()));
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": must be a preprocessor_config.json; got "
                    + (Files.exists(file) ? "something that is no file" : "nothing at this path"));
        }
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new InputException(file + ": must have at most 1,048,576 bytes; got " + Files.size(file));
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new InputException(file + ": must be JSON; got " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    ImageProcessor processor() {
        Optional<TargetSize> size = flag("do_resize", true) ? Optional.of(size()) : Optional.empty();
        Optional<Fixed> crop = kind.crops && flag("do_center_crop", true) ? Optional.of(crop()) : Optional.empty();
        requireFlag("do_convert_rgb"); // decoding has done it
        return ImageProcessor.of(size, filter(), crop, scaling());
    }

    private ResizeFilter filter() {
        JsonNode node = value("resample");
        if (node == null) {
            return kind.filter;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw wrong("resample", "a filter's number of Pillow's from 0 to 5", node);
        }
        try {
            return ResizeFilter.ofPillow(node.asInt());
        } catch (InputException e) {
            throw InputException.in(file + ": resample", e);
        }
    }

    private TargetSize size() {
        JsonNode node = value("size");
        if (node == null) {
            return kind.size;
        }
        if (node.isIntegralNumber()) {
            int side = side("size", node);
            return kind.size instanceof ShortestEdge ? new ShortestEdge(side) : new Fixed(side, side);
        }
        if (node.size() == 1 && node.has("shortest_edge") && kind.size instanceof ShortestEdge) {
            return new ShortestEdge(side("size.shortest_edge", node.path("shortest_edge")));
        }
        return fixed("size", node, kind.size instanceof ShortestEdge ? ", {shortest_edge}" : "");
    }

    private Fixed crop() {
        JsonNode node = value("crop_size");
        if (node == null) {
            return new Fixed(DEFAULT_SIDE, DEFAULT_SIDE);
        }
        if (node.isIntegralNumber()) {
            int side = side("crop_size", node);
            return new Fixed(side, side);
        }
        return fixed("crop_size", node, "");
    }

    private Fixed fixed(String key, JsonNode node, String others) {
        if (node.size() != 2 || !node.has("height") || !node.has("width")) {
            throw wrong(key, "a number" + others + " or {height, width}", node);
        }
        return new Fixed(side(key + ".height", node.path("height")), side(key + ".width", node.path("width")));
    }

    private int side(String key, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1 || node.asInt() > LARGEST_SIDE) {
            throw wrong(key, "a whole number of pixels from 1 to " + LARGEST_SIDE, node);
        }
        return node.asInt();
    }

    /** The byte times the factor, less the mean, divided by the deviation, each where it is asked for. */
    private ImageProcessor.Scaling scaling() {
        boolean rescale = flag("do_rescale", true);
        boolean normalise = flag("do_normalize", true);
        double factor = rescale ? number("rescale_factor", BYTE) : 1;
        float[] mean = floats(normalise ? colours("image_mean", kind.mean) : List.of(0.0, 0.0, 0.0));
        float[] deviation = floats(normalise ? colours("image_std", kind.deviation) : List.of(1.0, 1.0, 1.0));
        for (float one : deviation) {
            if (one == 0) {
                throw new InputException(file + ": image_std must be other than 0; got 0");
            }
        }
        return (colour, value) -> ((float) (value * factor) - mean[colour]) / deviation[colour];
    }

    private static float[] floats(List<Double> values) {
        float[] rounded = new float[values.size()];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = values.get(i).floatValue();
        }
        return rounded;
    }

    private List<Double> colours(String key, List<Double> otherwise) {
        JsonNode node = value(key);
        if (node == null) {
            return otherwise;
        }
        String must = "a list of three numbers";
        if (!node.isArray() || node.size() != RgbImage.BANDS) {
            throw wrong(key, must, node);
        }
        List<Double> found = new ArrayList<>();
        for (JsonNode one : node) {
            found.add(finite(key, must, one));
        }
        return found;
    }

    private double number(String key, double otherwise) {
        JsonNode node = value(key);
        return node == null ? otherwise : finite(key, "a number", node);
    }

    private double finite(String key, String must, JsonNode node) {
        if (!node.isNumber() || !Float.isFinite((float) node.asDouble())) {
            throw wrong(key, must, node);
        }
        return node.asDouble();
    }

    /** Null is false, as in Python. */
    private boolean flag(String key, boolean otherwise) {
        requireFlag(key);
        JsonNode node = root.path(key);
        return node.isMissingNode() ? otherwise : node.isBoolean() && node.asBoolean();
    }

    private void requireFlag(String key) {
        JsonNode node = root.path(key);
        if (!node.isMissingNode() && !node.isBoolean() && !node.isNull()) {
            throw wrong(key, "true or false", node);
        }
    }

    private @Nullable JsonNode value(String key) {
        JsonNode node = root.path(key);
        return node.isMissingNode() || node.isNull() ? null : node;
    }

    private InputException wrong(String key, String must, JsonNode node) {
        String got = node.isMissingNode() ? "nothing" : node.toString();
        String shown = got.length() > SHOWN ? got.substring(0, SHOWN) + "..." : got;
        return new InputException(file + ": " + key + " must be " + must + "; got " + shown);
    }
}
