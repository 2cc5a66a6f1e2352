package dev.lapidary.app.command;

import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--mask",
            paramLabel = "PATH",
            description =
                    "A mask of this model, applied to it: a folder for a folder, a packed mask file for a packed file.")
    private @Nullable Path mask;

    @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The text to continue.")
    private String prompt = "";

    @Mixin
    private SettingsOptions<GenerateOptions> settings = SettingsOptions.of(GenerateOptions.class);

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stops = new ArrayList<>();

    @Mixin
    private Output output;

    LmGenerateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        GenerateOptions options = settings.settings(GenerateOptions.defaults().withStops(stops));
        try (LanguageEngine engine = model.open(mask)) {
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
            return output.result(System::lineSeparator, () -> json(generated, options, engine));
        }
    }

    private ObjectNode json(Generated generated, GenerateOptions options, LanguageEngine engine) {
        return JsonMapper.shared()
                .createObjectNode()
                .put("prompt", prompt)
                .put("text", generated.text())
                .put("promptTokens", generated.promptTokens())
                .put("tokens", generated.tokens())
                .put("finish", generated.finish().name().toLowerCase(Locale.ROOT))
                .put("restarts", generated.restarts())
                .put("tokensPerSecond", generated.tokensPerSecond())
                .put("seed", options.seed())
                .put("engine", engine.name());
    }
}
