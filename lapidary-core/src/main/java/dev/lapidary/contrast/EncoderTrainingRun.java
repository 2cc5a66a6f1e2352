package dev.lapidary.contrast;

import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains a CLIP-like pair of encoders on images and their captions, and writes their folder: what {@code encoder train} does.
 *
 * <pre>{@code
 * Path out = Path.of("encoder");
 * try (UnfinishedWork work = UnfinishedWork.open(out, false)) {
 *     TrainedEncoders trained = EncoderTrainingRun.of(Path.of("photos.csv")).run(out, work);
 *     System.out.println(trained.figures());
 *     work.finished();
 * }
 * }</pre>
 *
 * <p>Captions stand beside the images in a table, unless {@link #captions} gives them. Not for use by several threads.
 */
public final class EncoderTrainingRun {
    private static final String METRICS = "metrics.jsonl";

    private final Path images;
    private ContrastiveSettings settings = ContrastiveSettings.defaults();
    private @Nullable Path captions;
    private @Nullable Path conceptLabels;
    private @Nullable Path textEncoder;
    private Consumer<ImageTextPairs> listener = pairs -> {};
    private Progress progress = Progress.silent();
    private Cancellation cancellation = Cancellation.none();

    private EncoderTrainingRun(Path images) {
        this.images = images;
    }

    /**
     * Begins with images: a folder or zip archive with one folder of images per class, or a {@code .csv}, {@code .tsv} or {@code
     * .jsonl} file with columns {@code path}, {@code caption} and perhaps {@code label}.
     */
    public static EncoderTrainingRun of(Path images) {
        return new EncoderTrainingRun(images);
    }

    /** Sets how to train. */
    public EncoderTrainingRun settings(ContrastiveSettings chosen) {
        settings = chosen;
        return this;
    }

    /** Takes captions of classes, a line {@code class: caption} for each, instead of those in the table. */
    public EncoderTrainingRun captions(Path file) {
        captions = file;
        return this;
    }

    /** Makes the names of the concepts that an image shows captions too, by a table of 0 and 1 for images and concepts. */
    public EncoderTrainingRun conceptLabels(Path file) {
        conceptLabels = file;
        return this;
    }

    /** Sets the sentence encoder that is projected, a folder with an ONNX export; by default the packaged one. */
    public EncoderTrainingRun textEncoder(Path folder) {
        textEncoder = folder;
        return this;
    }

    /** Is told what is trained on, before the first step. */
    public EncoderTrainingRun whenRead(Consumer<ImageTextPairs> told) {
        listener = told;
        return this;
    }

    /** Sets where progress is reported. */
    public EncoderTrainingRun progress(Progress chosen) {
        progress = chosen;
        return this;
    }

    /** Sets what stops the training. */
    public EncoderTrainingRun cancellation(Cancellation chosen) {
        cancellation = chosen;
        return this;
    }

    /**
     * Trains, continuing what was interrupted, and writes the folder.
     *
     * @param out the folder, replaced only where it holds a pair of encoders
     * @param work towards it
     * @throws InputException where images or captions cannot be trained on
     * @throws java.util.concurrent.CancellationException on request
     */
    public TrainedEncoders run(Path out, UnfinishedWork work) {
        ContrastiveSettings saving = settings.withTraining(
                        settings.training().withCheckpoints(Checkpointing.in(work.checkpoints())))
                .withMetrics(work.folder().resolve(METRICS));
        try (ImageItems items = ImageItems.openUnlabelled(images);
                TextEncoder cached = new EmbeddingCache(openText(), CacheFolder.sub("embeddings"));
                OnnxTextEncoder text = openText();
                ImageTextPairs pairs = ImageTextPairs.read(
                        items, source(items), cached, settings.network().side(), progress)) {
            listener.accept(pairs);
            TrainedEncoders trained = ContrastiveTraining.train(pairs, saving, progress, cancellation);
            trained.write(out, text, Components.notes(settings));
            return trained;
        }
    }

    private OnnxTextEncoder openText() {
        return textEncoder == null ? OnnxTextEncoder.packaged() : OnnxTextEncoder.open(textEncoder);
    }

    private CaptionSource source(ImageItems items) {
        CaptionSource source =
                captions == null ? CaptionSource.table() : CaptionSource.ofClasses(captions, items.classes());
        if (conceptLabels == null) {
            return source;
        }
        List<String> names = items.items().stream().map(ImageItem::name).toList();
        boolean captioned = captions != null
                || items.items().stream().anyMatch(item -> item.caption().isPresent());
        return CaptionSource.ofConcepts(
                ConceptLabels.read(conceptLabels, names), captioned ? source : image -> List.of());
    }
}
