package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.LinearName;
import dev.lapidary.sparsity.MaskArtifact;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.OneShot;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotResult;
import dev.lapidary.sparsity.OneShotSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Chooses a mask without training. */
@Command(
        name = "prune",
        sortOptions = false,
        description = {
            "Chooses which N of every M weights of a language model to keep, without training, from the weights and the "
                    + "activations on a calibration text.",
            "Judge the mask on another text: this one has been seen.",
            "JSON: method, pattern, weights, density, sequences, length, flow, seconds, layers (weight, weights, keptNorm, error), "
                    + "folder. error is the share of the layer's output on the text that is lost, in squares."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask prune --model model --method sparsegpt --text book.txt --out mask",
            "  lapidary mask prune --model model --method wanda --pattern 4:8 --text a.txt b.txt --flow dense --out mask",
        })
final class MaskPruneCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Folder of the language model.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(
            names = "--method",
            required = true,
            paramLabel = "ID",
            completionCandidates = FoundMethods.OneShotNames.class,
            description = "What to keep: ${bundle:" + FoundMethods.ONE_SHOT + "}.")
    private String method = "";

    @Option(names = "--pattern", paramLabel = "N:M", description = "Keep N of every M. Default: 2:4.")
    private String pattern = "2:4";

    @Option(
            names = "--text",
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "Calibration text, UTF-8, read verbatim and in order. Methods that look at weights alone do without.")
    private List<Path> texts = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Save the mask in this folder.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Mixin
    private SettingsOptions<OneShotSettings> options = SettingsOptions.of(OneShotSettings.class);

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    MaskPruneCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        OneShotMethod chosen = OneShotMethod.of(method);
        SparsityPattern kept = SparsityPattern.parse(pattern);
        OneShotSettings settings = options.settings();
        if (chosen.needsInputs() && texts.isEmpty()) {
            throw new InputException(
                    "--method " + chosen.name() + " must be given a calibration text with --text; got none");
        }
        OutputFolder.require(
                out,
                new MaskArtifact(),
                Stream.concat(Stream.of(model), texts.stream()).toArray(Path[]::new));
        overwrite.require(out);
        try (LanguageModel opened = LanguageModel.open(model)) {
            OneShot.requireGroups(opened, kept);
            int[] tokens = tokens(opened);
            OneShotResult result =
                    OneShot.run(opened, tokens, chosen, kept, settings, output.progress(), output.cancellation());
            MaskFolder.write(out, result.masks());
            return output.result(() -> text(result), () -> json(result));
        }
    }

    private int[] tokens(LanguageModel opened) {
        if (texts.isEmpty()) {
            return new int[0];
        }
        try (TextTokenizer tokenizer = TextTokenizer.open(model)) {
            return Corpus.read(texts, tokenizer, opened.config()).tokens();
        }
    }

    private Map<String, Object> json(OneShotResult result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("method", result.masks().method());
        object.put("pattern", result.masks().pattern().toString());
        object.put("weights", result.masks().weights());
        object.put("density", result.masks().density());
        object.put("sequences", result.sequences());
        object.put("length", result.length());
        object.put("flow", options.settings().flow().toString());
        object.put("seconds", result.seconds());
        object.put("layers", result.layers());
        object.put("folder", out.toString());
        return object;
    }

    private String text(OneShotResult result) {
        TextTable table = new TextTable().row("layers", "count", "weights", "norm kept", "output error", "worst");
        kinds(result.layers()).forEach((kind, layers) -> row(table, kind, layers));
        row(table, "all", result.layers());
        String seen = result.sequences() == 0
                ? "no text"
                : result.sequences() + " windows of " + result.length() + " tokens, "
                        + options.settings().flow() + " flow";
        return String.format(
                Locale.ROOT,
                "%s %s, %d weights, %s, %.1f s%n%n%s%nnorm kept: share of the squared weights that the mask keeps; output error: "
                        + "share of the squared output lost on the text.%nmask: %s%n",
                result.masks().method(),
                result.masks().pattern(),
                result.masks().weights(),
                seen,
                result.seconds(),
                table,
                out);
    }

    /** Layers by the kind of linear, in the order of a block. */
    private static Map<String, List<OneShotResult.Layer>> kinds(List<OneShotResult.Layer> layers) {
        Map<String, List<OneShotResult.Layer>> kinds = new LinkedHashMap<>();
        for (OneShotResult.Layer layer : layers) {
            kinds.computeIfAbsent(LinearName.of(layer.weight()).kind(), kind -> new ArrayList<>())
                    .add(layer);
        }
        return kinds;
    }

    private static void row(TextTable table, String name, List<OneShotResult.Layer> layers) {
        long weights = layers.stream().mapToLong(OneShotResult.Layer::weights).sum();
        double kept = layers.stream()
                        .mapToDouble(layer -> layer.keptNorm() * layer.weights())
                        .sum()
                / weights;
        double error = layers.stream()
                .mapToDouble(OneShotResult.Layer::error)
                .average()
                .orElse(Double.NaN);
        double worst =
                layers.stream().mapToDouble(OneShotResult.Layer::error).max().orElse(Double.NaN);
        table.row(
                name,
                Integer.toString(layers.size()),
                Long.toString(weights),
                ReportView.percent(kept),
                ReportView.percentOrDash(error),
                ReportView.percentOrDash(worst));
    }
}
