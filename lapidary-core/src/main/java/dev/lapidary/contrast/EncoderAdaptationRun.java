package dev.lapidary.contrast;

import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tunes the image network of a pair of encoders by low-rank adapters on images with classes, and writes the tuned pair: what {@code
 * encoder adapt} does.
 *
 * <pre>{@code
 * Path out = Path.of("adapted");
 * try (UnfinishedWork work = UnfinishedWork.open(out, false)) {
 *     AdaptedEncoder adapted = EncoderAdaptationRun.of(Path.of("encoder"), BottleneckObjective.defaults())
 *             .run(Path.of("photos"), List.of("a wing", "a wheel"), out, work);
 *     System.out.println(adapted.figures());
 *     work.finished();
 * }
 * }</pre>
 *
 * <p>Not for use by several threads.
 */
public final class EncoderAdaptationRun {
    private final Path encoder;
    private final AdapterObjective objective;
    private final EncoderAdaptation adaptation;
    private AdapterSettings settings = AdapterSettings.defaults();
    private Consumer<LabelledImages> listener = images -> {};
    private Progress progress = Progress.silent();
    private Cancellation cancellation = Cancellation.none();

    private EncoderAdaptationRun(Path encoder, AdapterObjective objective, EncoderAdaptation adaptation) {
        this.encoder = encoder;
        this.objective = objective;
        this.adaptation = adaptation;
    }

    /**
     * Begins with encoders that {@link EncoderTrainingRun} or this wrote.
     *
     * @param objective what the adapters are trained for
     * @throws InputException where another program wrote the folder, or its files do not fit together
     */
    public static EncoderAdaptationRun of(Path encoder, AdapterObjective objective) {
        return new EncoderAdaptationRun(encoder, objective, EncoderAdaptation.of(encoder, objective));
    }

    /** Sets how to train. */
    public EncoderAdaptationRun settings(AdapterSettings chosen) {
        settings = chosen;
        return this;
    }

    /** Is told what is trained on, before the first step. */
    public EncoderAdaptationRun whenRead(Consumer<LabelledImages> told) {
        listener = told;
        return this;
    }

    /** Sets where progress is reported. */
    public EncoderAdaptationRun progress(Progress chosen) {
        progress = chosen;
        return this;
    }

    /** Sets what stops the training. */
    public EncoderAdaptationRun cancellation(Cancellation chosen) {
        cancellation = chosen;
        return this;
    }

    /**
     * Trains, continuing what was interrupted, and writes the folder.
     *
     * @param images a folder or zip archive with one folder of images per class, or a table with columns {@code path} and {@code label}
     * @param concepts names, to which the scores belong, at least two
     * @param out the folder, replaced only where it holds a pair of encoders
     * @param work towards it
     * @throws InputException where images or concepts cannot be trained on
     * @throws java.util.concurrent.CancellationException on request
     */
    public AdaptedEncoder run(Path images, List<String> concepts, Path out, UnfinishedWork work) {
        AdapterSettings saving =
                settings.withTraining(settings.training().withCheckpoints(Checkpointing.in(work.checkpoints())));
        try (ImageItems items = ImageItems.open(images);
                LabelledImages labelled = LabelledImages.read(items, adaptation.side(), progress)) {
            listener.accept(labelled);
            AdaptedEncoder adapted = adaptation.train(labelled, concepts, saving, progress, cancellation);
            adapted.write(out, notes());
            return adapted;
        }
    }

    private Map<String, String> notes() {
        Map<String, String> notes = Components.notes(settings);
        notes.putAll(Components.notes(objective));
        notes.put("base", encoder.toAbsolutePath().normalize().toString());
        return notes;
    }
}
