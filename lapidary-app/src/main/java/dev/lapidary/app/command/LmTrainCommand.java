package dev.lapidary.app.command;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.DividedText;
import dev.lapidary.language.LanguageModelArtifact;
import dev.lapidary.language.LanguageTraining;
import dev.lapidary.language.LanguageTrainingSettings;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.language.TrainedModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.work.UnfinishedWork;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Trains a tokenizer and a small language model from text files. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Trains a byte-level tokenizer and a small Llama-style model from text files; the last tenth of the tokens of every file is held out, "
                    + "and the weights that are best on it are kept.",
            "JSON: steps, bestStep, seconds, parameters, prunable, perplexity (held-out part, protocol hf), vocabulary, trainTokens, "
                    + "heldOutTokens, tokensPerSecond, folder."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm train --text book.txt --out model",
            "  lapidary lm train --text part-1.txt part-2.txt --width 384 --layers 8 --heads 6 --out model",
            "  lapidary lm train --text book.txt --out model --restart",
        })
final class LmTrainCommand implements Callable<Integer> {

    @Option(
            names = "--text",
            paramLabel = "FILE",
            required = true,
            arity = "1..*",
            description = "Text files (UTF-8), read verbatim.")
    private List<Path> texts = List.of();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Write the model into this folder.")
    private Path out = Path.of("");

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "6",
            description = "Blocks. Default: ${DEFAULT-VALUE}.")
    private int layers;

    @Option(
            names = "--width",
            paramLabel = "N",
            defaultValue = "256",
            description = "Width of the hidden states, a multiple of 8 and of the heads. Default: ${DEFAULT-VALUE}.")
    private int width;

    @Option(
            names = "--heads",
            paramLabel = "N",
            defaultValue = "4",
            description = "Attention heads. Default: ${DEFAULT-VALUE}.")
    private int heads;

    @Option(
            names = "--vocab",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of the vocabulary; fewer where the text is too short. Default: ${DEFAULT-VALUE}.")
    private int vocabulary;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens that the model sees at once. Default: ${DEFAULT-VALUE}.")
    private int context;

    @Mixin
    private SettingsOptions<LanguageTrainingSettings> options = SettingsOptions.of(LanguageTrainingSettings.class);

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    LmTrainCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        OutputFolder.require(out, new LanguageModelArtifact(), texts.toArray(Path[]::new));
        overwrite.require(out);
        LanguageTrainingSettings settings = options.settings();
        if (context < 2) {
            throw new InputException("--context must be at least 2, or nothing is predicted; got " + context);
        }
        ModelConfig.llama(vocabulary, width, layers, heads, context); // refuses bad sizes before any work
        return UnfinishedTraining.run(out, restart, output, work -> train(work, settings));
    }

    private int train(UnfinishedWork work, LanguageTrainingSettings settings) {
        Path folder = work.folder();
        int tokens = trainTokenizer(folder, settings);
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            ModelConfig config = ModelConfig.llama(tokens, width, layers, heads, context)
                    .withTokens(OptionalInt.empty(), List.copyOf(tokenizer.ends()));
            DividedText text = DividedText.read(texts, tokenizer, config, settings.heldOut());
            var saving = settings.withCheckpoints(Checkpointing.in(work.checkpoints()))
                    .withMetrics(folder.resolve(TrainedModel.METRICS));
            try (TrainedModel trained = LanguageTraining.train(
                    text.training(), text.heldOut(), config, saving, output.progress(), output.cancellation())) {
                trained.write(out, folder, notes(settings, text));
                return answer(trained, work.seconds());
            }
        }
    }

    /** Trains the tokenizer on what the model will be trained on, and returns its size. */
    private int trainTokenizer(Path folder, LanguageTrainingSettings settings) {
        List<String> beginnings = DividedText.beginnings(texts, settings.heldOut());
        return BytePairTrainer.train(beginnings, vocabulary, folder.resolve(TextTokenizer.FILE), output.progress());
    }

    private Map<String, String> notes(LanguageTrainingSettings settings, DividedText text) {
        Map<String, String> notes = Components.notes(settings);
        notes.put("training", text.training().digest());
        notes.put("heldOutText", text.heldOut().digest());
        return notes;
    }

    private int answer(TrainedModel trained, double seconds) {
        return output.result(
                () -> String.format(
                        Locale.ROOT,
                        "Perplexity %.2f on %,d held-out tokens after %,d steps (best after %,d), %.0f s.%n"
                                + "Saved in %s: %,d parameters, %,d of them prunable. Next:%n"
                                + "  lapidary lm generate --model %s --prompt \"some text\"%n",
                        trained.perplexity().perplexity(),
                        trained.perplexity().tokens(),
                        trained.training().steps(),
                        trained.training().bestStep().orElse(0),
                        seconds,
                        out,
                        trained.parameters(),
                        trained.prunable(),
                        out),
                () -> json(trained, seconds));
    }

    private ObjectNode json(TrainedModel trained, double seconds) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.put("steps", trained.training().steps());
        object.put("bestStep", trained.training().bestStep().orElse(0));
        object.put("seconds", seconds);
        object.put("parameters", trained.parameters());
        object.put("prunable", trained.prunable());
        object.put("perplexity", trained.perplexity().perplexity());
        object.put("vocabulary", trained.model().config().vocabulary());
        object.put("trainTokens", trained.trainTokens());
        object.put("heldOutTokens", trained.perplexity().tokens());
        object.put("tokensPerSecond", trained.tokensPerSecond());
        object.put("folder", out.toAbsolutePath().normalize().toString());
        return object;
    }
}
