package dev.lapidary.contrast;

import dev.lapidary.encode.TrainingImages;
import dev.lapidary.image.ImageReport;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A pair of encoders whose image network was tuned by adapters, now added to its weights, with how the training went. */
public final class AdaptedEncoder {
    private static final List<String> KEPT =
            List.of("onnx/text_model.onnx", "tokenizer.json", TrainedEncoders.PREPROCESSOR, "config.json");

    private final Path base;
    private final NetworkShape shape;
    private final FoldedWeights weights;
    private final Map<String, Number> figures;
    private final TrainingImages files;
    private final ImageReport report;

    AdaptedEncoder(Path base, NetworkShape shape, FoldedWeights weights, TrainedEncoders.Origin origin) {
        this.base = base;
        this.shape = shape;
        this.weights = weights;
        this.figures = Map.copyOf(origin.figures());
        this.files = origin.files();
        this.report = origin.report();
    }

    /**
     * Figures by name: steps, seconds, images, heldOutImages, accuracy (share of at most 4,096 held-out images whose class the jointly
     * trained layer and head name), parameters (numbers of the adapters), imagesPerSecond.
     */
    public Map<String, Number> figures() {
        return figures;
    }

    /** What was read and what was skipped. */
    public ImageReport report() {
        return report;
    }

    /**
     * Writes a folder in one piece: the files of the encoders that were adapted, with another image network.
     *
     * @param folder new, empty, or one that Lapidary wrote, which is replaced
     * @param notes what to note down
     * @throws dev.lapidary.runtime.InputException where the folder holds something else
     */
    public void write(Path folder, Map<String, String> notes) {
        try {
            Artifact.write(folder, new DualEncoderArtifact(), temporary -> {
                Files.createDirectories(temporary.resolve("onnx"));
                for (String name : KEPT) {
                    Files.copy(base.resolve(name), temporary.resolve(name));
                }
                TrainingImages.read(base).and(files).write(temporary);
                OnnxNetwork.graph(shape, weights).write(temporary.resolve(TrainedEncoders.VISION));
                Files.writeString(temporary.resolve(AtomicFiles.MARKER), EncoderMarker.text(figures, notes));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
    }
}
