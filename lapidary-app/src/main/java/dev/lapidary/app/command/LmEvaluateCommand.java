package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import java.nio.file.Files;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Measures the perplexity of a language model on text files. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description = {
            "Measures the perplexity of a language model on text files, read verbatim, in order, as one text.",
            "Protocols, L tokens a window: hf scores the last L-1 tokens of disjoint windows; megatron scores every token but the"
                    + " text's first; llamacpp scores the second half of each window. Their values are not comparable.",
            "With masks the dense model is measured too, and a table puts each mask beside it.",
            "JSON: perplexity and seconds (with one mask those of the masked model, with several absent), protocol, context, tokens, "
                    + "scored, windows, engine; with masks also dense (its perplexity) and masks (mask, method, density, perplexity, "
                    + "seconds)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm evaluate --model model --text book.txt",
            "  lapidary lm evaluate --model model --mask mask --mask sparsegpt-mask --text book.txt",
            "  lapidary lm evaluate --model model --mask mask --text book.txt --protocol llamacpp --context 128 --json",
        })
final class LmEvaluateCommand implements Callable<Integer> {
    @Mixin
    private LmModelOptions model = new LmModelOptions();

    @Option(
            names = "--mask",
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Masks of this model, each applied to it alone: folders for a folder, packed mask files for a packed"
                            + " file.")
    private List<Path> masks = new ArrayList<>();

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

    /**
     * What was measured with one mask.
     *
     * @param mask as it was given
     * @param method that made it; null for packed mask files, which do not say
     * @param density share of the weights that are kept; null for packed mask files
     * @param model that is masked
     */
    private record Masked(
            Path mask, @Nullable String method, @Nullable Double density, Measured model) {}

    /** What was measured, and by which engine. */
    private record Measured(PerplexityResult result, String engine) {}

    @Override
    public Integer call() {
        Measured dense = measured(null);
        if (masks.isEmpty()) {
            return output.result(() -> text(dense), () -> json(dense));
        }
        List<Masked> all = masks.stream().map(this::masked).toList();
        return output.result(() -> table(dense, all), () -> json(dense, all));
    }

    private Masked masked(Path mask) {
        Measured masked = measured(mask);
        if (!Files.isDirectory(mask)) {
            return new Masked(mask, null, null, masked);
        }
        MaskSet set = MaskFolder.read(mask);
        return new Masked(mask, set.method(), set.density(), masked);
    }

    private Measured measured(@Nullable Path mask) {
        Protocol cut = Protocol.parse(protocol);
        try (LanguageEngine opened = model.open(mask)) {
            PerplexityResult result = opened.perplexity(texts, cut, context, output.progress(), output.cancellation());
            if (mask == null) {
                output.warnings(opened.warnings());
            }
            return new Measured(result, opened.name());
        }
    }

    private static String text(Measured measured) {
        PerplexityResult result = measured.result;
        return String.format(
                Locale.ROOT,
                "Perplexity %.4f (protocol %s, context %d).%n%s",
                result.perplexity(),
                result.protocol(),
                result.context(),
                counts(measured, result.seconds()));
    }

    private static String counts(Measured measured, double seconds) {
        PerplexityResult result = measured.result;
        return String.format(
                Locale.ROOT,
                "%,d tokens, %,d windows, %,d tokens scored; %.1f s on %s.%n",
                result.tokens(),
                result.windows(),
                result.scored(),
                seconds,
                measured.engine);
    }

    private static String table(Measured measured, List<Masked> all) {
        PerplexityResult dense = measured.result;
        TextTable table = new TextTable().row("mask", "method", "weights kept", "perplexity", "against dense");
        table.row("(none)", "dense", "100.0 %", String.format(Locale.ROOT, "%.4f", dense.perplexity()), "");
        double seconds = dense.seconds();
        for (Masked one : all) {
            table.row(
                    one.mask.toString(),
                    one.method == null ? "?" : one.method,
                    one.density == null ? "?" : String.format(Locale.ROOT, "%.1f %%", 100 * one.density),
                    String.format(Locale.ROOT, "%.4f", one.model.result.perplexity()),
                    String.format(
                            Locale.ROOT, "%+.1f %%", 100 * (one.model.result.perplexity() / dense.perplexity() - 1)));
            seconds += one.model.result.seconds();
        }
        return String.format(
                        Locale.ROOT,
                        "Perplexity, lower is better (protocol %s, context %d):%n%n",
                        dense.protocol(),
                        dense.context())
                + table + "\n" + counts(measured, seconds);
    }

    private static ObjectNode json(Measured dense, List<Masked> all) {
        ObjectNode object = json(all.getFirst().model);
        if (all.size() > 1) {
            object.remove("perplexity");
            object.remove("seconds");
        }
        object.put("dense", dense.result.perplexity());
        ArrayNode array = object.putArray("masks");
        for (Masked one : all) {
            array.addObject()
                    .put("mask", one.mask.toString())
                    .put("method", one.method)
                    .put("density", one.density)
                    .put("perplexity", one.model.result.perplexity())
                    .put("seconds", one.model.result.seconds());
        }
        return object;
    }

    private static ObjectNode json(Measured measured) {
        PerplexityResult result = measured.result;
        return JsonMapper.shared()
                .createObjectNode()
                .put("perplexity", result.perplexity())
                .put("protocol", result.protocol().toString())
                .put("context", result.context())
                .put("tokens", result.tokens())
                .put("scored", result.scored())
                .put("windows", result.windows())
                .put("engine", measured.engine)
                .put("seconds", result.seconds());
    }
}
