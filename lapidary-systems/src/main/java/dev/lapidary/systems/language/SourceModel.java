package dev.lapidary.systems.language;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.LanguageTraining;
import dev.lapidary.language.LanguageTrainingSettings;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.language.TrainedModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A small decoder language model with a tokenizer of its own, trained in one pass over Java sources, so that it fits nothing by heart.
 *
 * <p>It is kept in the cache folder by seed and settings. A training that was interrupted goes on where it was.
 */
public final class SourceModel {
    private static final String FOLDER = "systems/source-model";

    private SourceModel() {}

    /**
     * How the model is made.
     *
     * @param sizes of the texts
     * @param domains modules of which texts are set aside
     * @param vocabulary tokens
     * @param width of the model
     * @param layers of the model
     * @param heads of the model
     * @param context tokens of a window
     * @param batch windows of a step
     * @param learningRate at the top of the schedule
     * @param products type in which linear layers multiply while it is trained; the bytes depend on it
     */
    public record Settings(
            SourceTexts.Sizes sizes,
            List<String> domains,
            int vocabulary,
            int width,
            int layers,
            int heads,
            int context,
            int batch,
            double learningRate,
            Products products) {}

    /** Returns the folder of a model, which need not exist yet. */
    public static Path folder(JavaSources sources, Settings settings, long seed) {
        String key = Sha256.of(settings + " " + sources.digest()).substring(0, 12);
        return CacheFolder.sub(FOLDER).resolve("seed-" + seed + "-" + key);
    }

    /**
     * Returns the folder of a model after training it where it does not exist.
     *
     * @param texts of the same settings and seed
     */
    public static Path ready(
            JavaSources sources, SourceTexts texts, Settings settings, long seed, Progress progress) {
        Path folder = folder(sources, settings, seed);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        try (UnfinishedWork work = UnfinishedWork.open(folder, false)) {
            if (!Files.isDirectory(folder)) {
                train(folder, work, texts, settings, seed, progress);
            }
            work.finished();
        }
        return folder;
    }

    private static void train(
            Path folder, UnfinishedWork work, SourceTexts texts, Settings settings, long seed, Progress progress) {
        Path unfinished = work.folder();
        int tokens = BytePairTrainer.train(
                texts.pretraining(), settings.vocabulary, unfinished.resolve(TextTokenizer.FILE), progress);
        try (TextTokenizer tokenizer = TextTokenizer.open(unfinished)) {
            ModelConfig config = ModelConfig.llama(
                            tokens, settings.width, settings.layers, settings.heads, settings.context)
                    .withTokens(OptionalInt.empty(), List.copyOf(tokenizer.ends()));
            Corpus training = corpus(tokenizer, texts.pretraining());
            Corpus watching = corpus(tokenizer, texts.watching());
            LanguageTrainingSettings how = training(settings, training.tokens().length, seed)
                    .withCheckpoints(Checkpointing.in(work.checkpoints()))
                    .withMetrics(unfinished.resolve(TrainedModel.METRICS));
            try (TrainedModel trained =
                    LanguageTraining.train(training, watching, config, how, progress, Cancellation.none())) {
                var notes = new TreeMap<String, String>();
                notes.put("settings", settings.toString());
                notes.put("seed", Long.toString(seed));
                notes.put("tokens", Integer.toString(training.tokens().length));
                notes.put("tokensPerSecond", Double.toString(Math.rint(trained.tokensPerSecond())));
                notes.put("seconds", Double.toString(Math.rint(work.seconds())));
                trained.write(folder, unfinished, notes);
            }
        }
    }

    /** One pass: each window is read once. */
    private static LanguageTrainingSettings training(Settings settings, int tokens, long seed) {
        long steps = Math.max(1, ((tokens - 1) / settings.context - 1) / settings.batch);
        return new LanguageTrainingSettings(
                steps,
                settings.batch,
                settings.learningRate,
                0.05,
                0.1,
                1,
                0.1,
                5,
                5,
                seed,
                settings.products,
                Optional.empty(),
                Optional.empty());
    }

    /** Encodes texts as one. */
    public static Corpus corpus(TextTokenizer tokenizer, List<String> texts) {
        String text = SourceTexts.joined(texts);
        return new Corpus(tokenizer.encode(text), Sha256.of(tokenizer.digest() + text));
    }

    /** Opens a model, which the caller closes. */
    public static LanguageModel open(Path folder) {
        try {
            return LanguageModel.open(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }
}
