package dev.lapidary.app.command;

import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Continues a prompt. */
@Command(
        name = "generate",
        sortOptions = false,
        description = {
            "Continues a prompt and prints the continuation as it comes. On the same machine, the same seed gives the same"
                    + " text.",
            "Where the model's context is full, its newer half is read again and the text goes on.",
            "JSON, at the end: prompt, text, promptTokens, tokens, finish (length, end or stop), restarts, tokensPerSecond, seed,"
                    + " engine."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm generate --model model --prompt \"Once upon a time\"",
            "  lapidary lm generate --model model --mask mask --prompt \"Q: why?\" --temperature 0 --stop \"Q:\" --json",
        })
final class LmGenerateCommand implements Callable<Integer> {
    @Mixin
    private LmModelOptions model = new LmModelOptions();

    @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The text to continue.")
    private String prompt = "";

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most tokens to generate. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description = "Divides the logits; 0 always takes the likeliest token. Default: ${DEFAULT-VALUE}.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "40",
            description = "Draw from the N likeliest tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            defaultValue = "0.95",
            description = "Then from the likeliest that together reach this probability. Default: ${DEFAULT-VALUE}.")
    private double topP;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stops = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the draws. Default: 0.")
    private long seed;

    @Mixin
    private Output output;

    LmGenerateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        var options = new GenerateOptions(maxTokens, temperature, topK, topP, stops, seed);
        try (LanguageEngine engine = model.open()) {
            Generated generated;
            try {
                generated = engine.generate(prompt, options, output::piece, output.cancellation());
            } catch (CancellationException stopped) {
                output.piece(System.lineSeparator());
                throw stopped;
            }
            output.warnings(engine.warnings());
            if (generated.restarts() > 0) {
                output.remark(String.format(
                        Locale.ROOT,
                        "%n(the context of %d tokens was full %d times; each time its newer half was read again)",
                        engine.context(),
                        generated.restarts()));
            }
            return output.result(System::lineSeparator, () -> json(generated, engine));
        }
    }

    private ObjectNode json(Generated generated, LanguageEngine engine) {
        return JsonMapper.shared()
                .createObjectNode()
                .put("prompt", prompt)
                .put("text", generated.text())
                .put("promptTokens", generated.promptTokens())
                .put("tokens", generated.tokens())
                .put("finish", generated.finish().name().toLowerCase(Locale.ROOT))
                .put("restarts", generated.restarts())
                .put("tokensPerSecond", generated.tokensPerSecond())
                .put("seed", seed)
                .put("engine", engine.name());
    }
}
