package dev.lapidary.app.command;

import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Measures the perplexity of a language model on text files. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = {
            "Measures the perplexity of a language model on text files, read verbatim, in order, as one text.",
            "Protocols, L tokens a window: hf scores the last L-1 tokens of disjoint windows; megatron scores every token but the"
                    + " text's first; llamacpp scores the second half of each window. Their values are not comparable.",
            "JSON: perplexity, protocol, context, tokens, scored, windows, engine, seconds."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm evaluate --model model --text book.txt",
            "  lapidary lm evaluate --model model --mask mask --text book.txt --protocol llamacpp --context 128 --json",
        })
final class LmEvaluateCommand implements Callable<Integer> {
    @Mixin
    private LmModelOptions model = new LmModelOptions();

    @Option(
            names = "--text",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = "Text files in UTF-8.")
    private List<Path> texts = new ArrayList<>();

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "hf",
            description = "hf, megatron or llamacpp. Default: ${DEFAULT-VALUE}.")
    private String protocol = "hf";

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens in a window (L); at most, and by default, the context of the model.")
    private @Nullable Integer context;

    @Mixin
    private Output output;

    LmEvaluateCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        Protocol cut = Protocol.parse(protocol);
        try (LanguageEngine engine = model.open()) {
            PerplexityResult result = engine.perplexity(texts, cut, context, output.progress(), output.cancellation());
            output.warnings(engine.warnings());
            return output.result(() -> text(result, engine), () -> json(result, engine));
        }
    }

    private static String text(PerplexityResult result, LanguageEngine engine) {
        return String.format(
                Locale.ROOT,
                "Perplexity %.4f (protocol %s, context %d).%n%,d tokens, %,d windows, %,d tokens scored; %.1f s on %s.%n",
                result.perplexity(),
                result.protocol(),
                result.context(),
                result.tokens(),
                result.windows(),
                result.scored(),
                result.seconds(),
                engine.name());
    }

    private static ObjectNode json(PerplexityResult result, LanguageEngine engine) {
        return JsonMapper.shared()
                .createObjectNode()
                .put("perplexity", result.perplexity())
                .put("protocol", result.protocol().toString())
                .put("context", result.context())
                .put("tokens", result.tokens())
                .put("scored", result.scored())
                .put("windows", result.windows())
                .put("engine", engine.name())
                .put("seconds", result.seconds());
    }
}
