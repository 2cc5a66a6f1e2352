package dev.lapidary.app.command;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.MaskArchive;
import dev.lapidary.sparsity.MaskArtifact;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads a mask in the published form. */
@Command(
        name = "import",
        sortOptions = false,
        description = {
            "Reads a mask from the npz file in which MaskLLM publishes masks, checks that every group keeps N of M, and saves "
                    + "it as a mask folder for the model. Such a file does not name its model: make sure that it is this one.",
            "JSON: folder, pattern, base, layers, weights, density, denseLayers, bitsPerWeight."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask import --npz mask.npz --model model --out mask",
            "  lapidary mask import --npz mask.npz --model model --pattern 2:4 --out mask",
        })
final class MaskImportCommand implements Callable<Integer> {
    @Option(names = "--npz", required = true, paramLabel = "FILE", description = "The file to read.")
    @SuppressWarnings("NullAway.Init")
    private Path npz;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Folder of the model that the mask is for.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Save the mask in this folder.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--pattern",
            paramLabel = "N:M",
            description = "What every group keeps. Default: found, the one with the smallest M.")
    private @Nullable String pattern;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    MaskImportCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        Optional<SparsityPattern> kept = Optional.ofNullable(pattern).map(SparsityPattern::parse);
        OutputFolder.require(out, new MaskArtifact(), model, npz);
        overwrite.require(out);
        try (LanguageModel opened = LanguageModel.open(model)) {
            MaskSet set = MaskArchive.read(npz, opened, kept);
            MaskFolder.write(out, set);
            if (!set.denseLayers().isEmpty()) {
                output.remark(
                        set.denseLayers().size() + " prunable weights have no mask in " + npz + " and stay dense");
            }
            return output.result(() -> text(set), () -> json(set));
        }
    }

    private String text(MaskSet set) {
        return set.pattern() + " masks of " + set.layers().size() + " layers, " + set.weights() + " weights, "
                + ReportView.percent(set.density()) + " of the prunable ones kept.\nmask: " + out + "\n";
    }

    private Map<String, Object> json(MaskSet set) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("folder", out.toString());
        object.put("pattern", set.pattern().toString());
        object.put("base", set.baseDigest());
        object.put("layers", set.layers().size());
        object.put("weights", set.weights());
        object.put("density", set.density());
        object.put("denseLayers", set.denseLayers());
        object.put("bitsPerWeight", set.bitsPerWeight());
        return object;
    }
}
