package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageProcessor;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Embeds images and texts with a CLIP or SigLIP in ONNX, float32, on all cores.
 *
 * <p>Images are decoded and prepared as preprocessor_config.json says, see {@link ImageProcessor}. Texts of CLIP are never padded
 * where the network takes any length (its causal attention makes that equal to padding); those of SigLIP always are, as in its
 * training.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al., CLIP, ICML 2021</a>
 * @see <a href="https://arxiv.org/abs/2303.15343">Zhai et al., SigLIP, ICCV 2023</a>
 */
public final class ClipEncoder implements ImageTextEncoder {
    private static final String FORMAT = "1"; // raised when the same files begin to give other embeddings

    private static final double BATCH_PIXELS = 16 * 224 * 224; // 10 MB; larger batches are no faster on cores
    private static final int LARGEST_BATCH = 256; // of 32 x 32 pixels a quarter faster than 16

    private final ClipFolder folder;
    private final ImageProcessor processor;
    private final ImageProcessor.Size size;
    private final OnnxTextEncoder text;
    private final OnnxVisionModel vision;
    private final String imageDigest;
    private final List<String> templates;
    private final TrainingImages trainingImages;
    private @Nullable LogitScale logitScale; // found when first asked for

    private ClipEncoder(
            ClipFolder folder,
            ImageProcessor processor,
            ImageProcessor.Size size,
            OnnxTextEncoder text,
            OnnxVisionModel vision) {
        this.folder = folder;
        this.processor = processor;
        this.size = size;
        this.text = text;
        this.vision = vision;
        this.imageDigest = imageDigest(folder);
        this.templates = folder.promptTemplates();
        this.trainingImages = TrainingImages.read(folder.files().folder());
    }

    /** Whether a folder holds files of such an encoder, so that {@link #open} says what is missing. */
    public static boolean isAt(Path folder) {
        return ClipFolder.isAt(folder);
    }

    /**
     * Opens a folder in the layout of such encoders exported to ONNX: {@code vision_model.onnx} and {@code text_model.onnx} in
     * {@code onnx/} or in the folder itself, {@code config.json} with model_type clip or siglip, {@code preprocessor_config.json},
     * {@code tokenizer.json}.
     *
     * @throws InputException where files are missing, of another kind or do not fit together
     */
    public static ClipEncoder open(Path folder) {
        return open(folder, OnnxTextEncoder.processors());
    }

    /** Opens a folder for a number of threads. */
    public static ClipEncoder open(Path folder, int threads) {
        ClipFolder files = ClipFolder.open(folder);
        ImageProcessor processor = ImageProcessor.read(files.preprocessor());
        ImageProcessor.Size size = size(files, processor);
        OnnxTextEncoder text = OnnxTextEncoder.open(files.textSide(), threads);
        try {
            OnnxVisionModel vision = OnnxVisionModel.open(files, size, threads);
            try {
                requireSameWidth(files, text.width(), vision.width());
                return new ClipEncoder(files, processor, size, text, vision);
            } catch (RuntimeException e) {
                vision.close();
                throw e;
            }
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private static ImageProcessor.Size size(ClipFolder files, ImageProcessor processor) {
        ImageProcessor.Size size = processor
                .outputSize()
                .orElseThrow(() -> new InputException(files.preprocessor()
                        + ": all images must get one size, by a centre crop or {height, width}; got neither"));
        OptionalInt side = files.imageSide();
        if (side.isPresent() && (size.height() != side.getAsInt() || size.width() != side.getAsInt())) {
            throw new InputException(files.preprocessor() + ": images must get the size that config.json names, "
                    + side.getAsInt() + " x " + side.getAsInt() + " pixels; got " + size);
        }
        return size;
    }

    private static void requireSameWidth(ClipFolder files, int text, int vision) {
        if (text != vision) {
            throw new InputException(files.files().folder()
                    + ": embeddings of images and texts must have one width; got " + vision + " and " + text);
        }
    }

    private static String imageDigest(ClipFolder files) {
        try {
            return Sha256.of(String.join(
                    "\n",
                    "lapidary image encoder " + FORMAT,
                    FileDigests.ofModel(files.vision()),
                    FileDigests.of(files.preprocessor()),
                    files.kind().imageOutput()));
        } catch (IOException e) {
            throw new UncheckedIOException(files.vision() + " cannot be read", e);
        }
    }

    @Override
    public String name() {
        return folder.name();
    }

    @Override
    public String digest() {
        return Sha256.of(String.join("\n", "lapidary image and text encoder", text.digest(), imageDigest));
    }

    @Override
    public String imageDigest() {
        return imageDigest;
    }

    @Override
    public int width() {
        return vision.width();
    }

    @Override
    public int maxTokens() {
        return text.maxTokens();
    }

    /**
     * As config.json says where it has logit_scale, a natural logarithm, and logit_bias; else as a run of the joint {@code
     * model.onnx} shows; else as published for the kind, with a remark.
     */
    @Override
    public synchronized LogitScale logitScale() {
        LogitScale found = logitScale;
        if (found == null) {
            found = new LogitScales(folder, text, vision, size).find();
            logitScale = found;
        }
        return found;
    }

    @Override
    public List<String> promptTemplates() {
        return templates;
    }

    @Override
    public TrainingImages trainingImages() {
        return trainingImages;
    }

    @Override
    public PixelValues prepare(RgbImage picture) {
        return processor.process(picture);
    }

    @Override
    public int batch() {
        return (int) Math.clamp(BATCH_PIXELS / ((double) size.height() * size.width()), 1, LARGEST_BATCH);
    }

    @Override
    public synchronized EmbeddingMatrix embed(List<PixelValues> pictures) {
        return vision.embed(pictures);
    }

    @Override
    public EncodedTexts encode(List<String> texts, Progress progress) {
        return text.encode(texts, progress);
    }

    @Override
    public synchronized void close() {
        text.close();
        vision.close();
    }
}
