package dev.lapidary.app.command;

import dev.lapidary.language.LanguageModelArtifact;
import dev.lapidary.language.LanguageModelRun;
import dev.lapidary.language.LanguageTrainingSettings;
import dev.lapidary.language.TrainedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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

    @Option(names = "--layers", paramLabel = "N", description = "Blocks. Default: ${DEFAULT-VALUE}.")
    private int layers = LanguageModelRun.LAYERS;

    @Option(
            names = "--width",
            paramLabel = "N",
            description = "Width of the hidden states, a multiple of 8 and of the heads. Default: ${DEFAULT-VALUE}.")
    private int width = LanguageModelRun.WIDTH;

    @Option(names = "--heads", paramLabel = "N", description = "Attention heads. Default: ${DEFAULT-VALUE}.")
    private int heads = LanguageModelRun.HEADS;

    @Option(
            names = "--vocab",
            paramLabel = "N",
            description = "Tokens of the vocabulary; fewer where the text is too short. Default: ${DEFAULT-VALUE}.")
    private int vocabulary = LanguageModelRun.VOCABULARY;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens that the model sees at once. Default: ${DEFAULT-VALUE}.")
    private int context = LanguageModelRun.CONTEXT;

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
        LanguageModelRun run = LanguageModelRun.of(texts)
                .settings(options.settings())
                .shape(vocabulary, width, layers, heads, context)
                .progress(output.progress())
                .cancellation(output.cancellation());
        return UnfinishedTraining.run(out, restart, output, work -> {
            try (TrainedModel trained = run.run(out, work)) {
                return answer(trained, work.seconds());
            }
        });
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
