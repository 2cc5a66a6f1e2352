package dev.lapidary.contrast;

import dev.lapidary.contrast.AdapterTrainer.Task;
import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.image.ImageProcessor;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.train.TrainingPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Tunes the image network of a pair of encoders that {@link ContrastiveTraining} made, by low-rank adapters, by the loss of an
 * {@link AdapterObjective}. What the objective trains of its own only guides the adapters; what is written is a pair of encoders, on which
 * every method can be trained anew.
 *
 * <p>What differs from the publication: it puts adapters on the attention of CLIP's transformers, here on the convolutions of a
 * residual network, whose normalisation stays folded into them; the losses that couple the images of a batch couple those of a piece.
 * The same images, settings and machine give the same bytes, interrupted or not, on any number of threads.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., LoRA, ICLR 2022</a>
 */
public final class EncoderAdaptation {
    private final Path folder;
    private final FoldedWeights weights;
    private final NetworkShape shape;
    private final float[][] table;
    private final AdapterObjective objective;

    private EncoderAdaptation(Path folder, FoldedNetworkFile file, float[][] table, AdapterObjective objective) {
        this.folder = folder;
        this.weights = file.weights();
        this.shape = file.shape();
        this.table = table;
        this.objective = objective;
    }

    /**
     * Reads the image network of a folder.
     *
     * @param objective what the adapters are trained for
     * @throws InputException where another program wrote the folder, or its files do not fit together
     */
    public static EncoderAdaptation of(Path folder, AdapterObjective objective) {
        requireOwn(folder);
        ImageProcessor processor = ImageProcessor.read(folder.resolve(TrainedEncoders.PREPROCESSOR));
        ImageProcessor.Size size = processor
                .outputSize()
                .orElseThrow(() -> new InputException(folder + ": images must get one size; got none"));
        FoldedNetworkFile file = FoldedNetworkFile.read(folder.resolve(TrainedEncoders.VISION), size.width());
        return new EncoderAdaptation(folder, file, processor.colourTable(), objective);
    }

    private static void requireOwn(Path folder) {
        if (!TrainedEncoders.isAt(folder)) {
            throw new InputException(
                    folder + ": must be a folder that lapidary encoder train or adapt wrote, since only "
                            + "their networks can be trained on; got another");
        }
    }

    /** Height and width of the network's images in pixels. */
    public int side() {
        return shape.side();
    }

    /**
     * Trains adapters.
     *
     * @param images of {@link #side}, which stay the caller's
     * @param concepts names, embedded in the encoder's own prompts
     * @throws InputException where there are too few images, classes or concepts
     * @throws java.util.concurrent.CancellationException where somebody asked to stop; with checkpoints everything is saved
     */
    public AdaptedEncoder train(
            LabelledImages images,
            List<String> concepts,
            AdapterSettings settings,
            Progress progress,
            Cancellation cancellation) {
        require(images, concepts);
        Parts parts = settings.training().parts(images.size());
        Torch.load();
        try (var frozen = new AdaptedNetwork.Frozen(shape, weights);
                Tensor scaled = scaled(concepts, progress);
                var trainer = new AdapterTrainer(
                        new Task(shape, frozen, table, scaled, objective), images, parts, settings)) {
            TrainingPlan plan = plan(images, concepts, parts.training().length, settings);
            Map<String, Number> figures = trainer.train(plan, progress, cancellation);
            figures.put("parameters", trainer.size());
            return new AdaptedEncoder(
                    folder,
                    shape,
                    trainer.merged(weights),
                    new TrainedEncoders.Origin(figures, images.files(), images.report()));
        }
    }

    private void require(LabelledImages images, List<String> concepts) {
        if (images.pixels().side() != shape.side()) {
            throw new IllegalArgumentException("images must have the network's side; got "
                    + images.pixels().side() + " and " + shape.side());
        }
        if (images.classes().size() < 2 || concepts.size() < 2) {
            throw new InputException("there must be at least two classes and two concepts; got "
                    + images.classes().size() + " and " + concepts.size());
        }
    }

    /** The concepts' embeddings times the logit scale, [d, M]. */
    private Tensor scaled(List<String> concepts, Progress progress) {
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                EncodedTexts texts =
                        PromptEncoder.of(encoder, encoder.promptTemplates()).encode(concepts, progress)) {
            int width = encoder.width();
            float scale = (float) encoder.logitScale().scale();
            float[] turned = new float[width * concepts.size()];
            for (int k = 0; k < concepts.size(); k++) {
                float[] row = texts.embeddings().row(k);
                for (int j = 0; j < width; j++) {
                    turned[j * concepts.size() + k] = scale * row[j];
                }
            }
            return Tensors.of(turned, width, concepts.size());
        }
    }

    private TrainingPlan plan(LabelledImages images, List<String> concepts, int training, AdapterSettings settings) {
        return settings.plan(training)
                .setting("images", images.digest())
                .setting("concepts", Sha256.of(String.join("\n", concepts)))
                .setting("network", digest())
                .setting("loss", Components.identity(objective).toString());
    }

    private String digest() {
        try {
            return Sha256.of(folder.resolve(TrainedEncoders.VISION));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }
}
