package dev.lapidary.encode;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.image.ImageProcessor;
import dev.lapidary.image.PixelValues;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Finds how an encoder was trained to turn cosines into logits. */
record LogitScales(ClipFolder folder, OnnxTextEncoder text, OnnxVisionModel vision, ImageProcessor.Size size) {
    private static final String LOGITS = "logits_per_image";
    private static final List<String> TEXTS = List.of("a photo of a cat", "a red square");
    private static final double LARGEST_LOG = 20;
    private static final double LARGEST_BIAS = 1e6;
    private static final double LEAST_COSINE = 1e-3; // or difference of two: below, rounding decides

    LogitScale find() {
        return configured().or(this::measured).orElseGet(this::usual);
    }

    private Optional<LogitScale> configured() {
        JsonNode config = folder.config();
        JsonNode scale = config.path("logit_scale");
        JsonNode bias = config.path("logit_bias");
        if (!scale.isNumber() || (folder.kind() == ClipKind.SIGLIP && !bias.isNumber())) {
            return Optional.empty();
        }
        double log = number(scale, "logit_scale", LARGEST_LOG);
        return Optional.of(
                new LogitScale(Math.exp(log), bias.isNumber() ? number(bias, "logit_bias", LARGEST_BIAS) : 0));
    }

    private double number(JsonNode node, String name, double largest) {
        double value = node.asDouble();
        if (!(Math.abs(value) <= largest)) {
            throw new InputException(folder.configFile() + ": " + name + " must be from -" + largest + " to " + largest
                    + "; got " + node);
        }
        return value;
    }

    private LogitScale usual() {
        LogitScale usual = folder.kind().usual();
        String what = folder.kind() == ClipKind.CLIP
                ? "the published scale of CLIP, 100, is taken"
                : "the scale and bias with which SigLIP's training begins, 10 and -10, are taken";
        return new LogitScale(
                usual.scale(),
                usual.bias(),
                Optional.of(folder.name() + " does not tell its scale of logits (logit_scale in config.json, or"
                        + " onnx/model.onnx): " + what));
    }

    /** One image and two texts through the joint model, and through the two sides. */
    private Optional<LogitScale> measured() {
        return folder.joint().flatMap(joint -> {
            PixelValues pixels = new PixelValues(size.height(), size.width(), gradient());
            double[] cosines = cosines(pixels);
            double[] logits = OnnxSessions.open(joint, 1, session -> {
                double[] both = {
                    logit(joint, session, pixels, TEXTS.get(0)), logit(joint, session, pixels, TEXTS.get(1))
                };
                session.close(); // where this is not reached, who opened it closes it
                return both;
            });
            return folder.kind() == ClipKind.CLIP ? ratio(cosines, logits) : line(cosines, logits);
        });
    }

    private float[] gradient() {
        float[] values = new float[OnnxVisionModel.COLOURS * size.height() * size.width()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * 0.01);
        }
        return values;
    }

    private double[] cosines(PixelValues pixels) {
        try (EmbeddingMatrix image = vision.embed(List.of(pixels));
                EncodedTexts texts = text.encode(TEXTS, Progress.silent())) {
            double[] cosines = new double[TEXTS.size()];
            for (int t = 0; t < cosines.length; t++) {
                cosines[t] = UnitVector.dot(image.row(0), texts.embeddings().row(t));
            }
            return cosines;
        }
    }

    private static Optional<LogitScale> ratio(double[] cosines, double[] logits) {
        int larger = Math.abs(cosines[0]) >= Math.abs(cosines[1]) ? 0 : 1;
        return Math.abs(cosines[larger]) < LEAST_COSINE
                ? Optional.empty()
                : Optional.of(new LogitScale(logits[larger] / cosines[larger], 0));
    }

    private static Optional<LogitScale> line(double[] cosines, double[] logits) {
        double difference = cosines[0] - cosines[1];
        if (Math.abs(difference) < LEAST_COSINE) {
            return Optional.empty();
        }
        double scale = (logits[0] - logits[1]) / difference;
        return Optional.of(new LogitScale(scale, logits[0] - scale * cosines[0]));
    }

    private double logit(Path joint, OrtSession session, PixelValues pixels, String words) {
        OrtEnvironment environment = OnnxRuntime.environment();
        List<TokenRow> tokens = text.tokenise(List.of(words), 0);
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            for (String name : session.getInputNames()) {
                inputs.put(
                        name,
                        name.equals(OnnxVisionModel.INPUT)
                                ? OnnxVisionModel.tensor(environment, List.of(pixels), size, arena)
                                : OnnxModel.tensor(environment, name, tokens));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of(LOGITS))) {
                return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
            }
        } catch (OrtException e) {
            throw new InputException(
                    joint + ": must give " + LOGITS + " of pixel_values and input_ids; got " + TokenizerFile.line(e),
                    e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
