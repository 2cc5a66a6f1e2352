package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Trains a byte-level tokenizer and a small Llama-style model on text files, and writes their folder: what {@code lm train} does.
 *
 * <pre>{@code
 * Path out = Path.of("model");
 * try (UnfinishedWork work = UnfinishedWork.open(out, false);
 *         TrainedModel trained = LanguageModelRun.of(List.of(Path.of("book.txt"))).run(out, work)) {
 *     System.out.println(trained.perplexity().perplexity());
 *     work.finished();
 * }
 * }</pre>
 *
 * <p>The end of every file is held out, and the weights that are best on it are kept. Not for use by several threads.
 */
public final class LanguageModelRun {
    /** Tokens of the vocabulary where nothing else is said. */
    public static final int VOCABULARY = 2048;

    /** Width of the hidden states where nothing else is said. */
    public static final int WIDTH = 256;

    /** Blocks where nothing else is said. */
    public static final int LAYERS = 6;

    /** Attention heads where nothing else is said. */
    public static final int HEADS = 4;

    /** Tokens that the model sees at once where nothing else is said. */
    public static final int CONTEXT = 256;

    private final List<Path> texts;
    private LanguageTrainingSettings settings = LanguageTrainingSettings.defaults();
    private ModelConfig shape = ModelConfig.llama(VOCABULARY, WIDTH, LAYERS, HEADS, CONTEXT);
    private Progress progress = Progress.silent();
    private Cancellation cancellation = Cancellation.none();

    private LanguageModelRun(List<Path> texts) {
        this.texts = texts;
    }

    /** Begins with text files in UTF-8, which are read verbatim. */
    public static LanguageModelRun of(List<Path> texts) {
        return new LanguageModelRun(List.copyOf(texts));
    }

    /** Sets how to train. */
    public LanguageModelRun settings(LanguageTrainingSettings chosen) {
        settings = chosen;
        return this;
    }

    /**
     * Sets the sizes of the model.
     *
     * @param vocabulary tokens; there are fewer where the texts are too short
     * @param width of the hidden states, a multiple of 8 and of the heads
     * @param layers blocks
     * @param heads of attention
     * @param context tokens that the model sees at once, at least 2
     * @throws InputException where no model has these sizes
     */
    public LanguageModelRun shape(int vocabulary, int width, int layers, int heads, int context) {
        if (context < 2) {
            throw new InputException("--context must be at least 2, or nothing is predicted; got " + context);
        }
        shape = ModelConfig.llama(vocabulary, width, layers, heads, context);
        return this;
    }

    /** Sets where progress is reported. */
    public LanguageModelRun progress(Progress chosen) {
        progress = chosen;
        return this;
    }

    /** Sets what stops the training. */
    public LanguageModelRun cancellation(Cancellation chosen) {
        cancellation = chosen;
        return this;
    }

    /**
     * Trains, continuing what was interrupted, and writes the folder.
     *
     * @param out the folder, replaced only where it holds a language model
     * @param work towards it
     * @return the model, which the caller closes
     */
    public TrainedModel run(Path out, UnfinishedWork work) {
        Path folder = work.folder();
        List<String> beginnings = DividedText.beginnings(texts, settings.heldOut());
        int tokens =
                BytePairTrainer.train(beginnings, shape.vocabulary(), folder.resolve(TextTokenizer.FILE), progress);
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            ModelConfig config = ModelConfig.llama(
                            tokens, shape.width(), shape.layers(), shape.heads(), shape.context())
                    .withTokens(OptionalInt.empty(), List.copyOf(tokenizer.ends()));
            DividedText text = DividedText.read(texts, tokenizer, config, settings.heldOut());
            var saving = settings.withCheckpoints(Checkpointing.in(work.checkpoints()))
                    .withMetrics(folder.resolve(TrainedModel.METRICS));
            TrainedModel trained =
                    LanguageTraining.train(text.training(), text.heldOut(), config, saving, progress, cancellation);
            try {
                trained.write(out, folder, notes(text));
                return trained;
            } catch (RuntimeException | Error e) {
                trained.close();
                throw e;
            }
        }
    }

    private Map<String, String> notes(DividedText text) {
        Map<String, String> notes = Components.notes(settings);
        notes.put("training", text.training().digest());
        notes.put("heldOutText", text.heldOut().digest());
        return notes;
    }
}
