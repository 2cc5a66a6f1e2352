package dev.lapidary.app.command;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.MaskedCheckpoint;
import dev.lapidary.sparsity.MaskedModelArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a masked model as a dense checkpoint. */
@Command(
        name = "apply",
        sortOptions = false,
        description = {
            "Writes a model with a mask as an ordinary Hugging Face folder, zeros for the weights that are not kept, and "
                    + "verifies what was written: N of every M by the mask's codes, every tensor and the logits of the "
                    + "reloaded model bit for bit, checksums.",
            "JSON: folder, pattern, method, base, density, weights, type, verified (groups, dropped, keptZeros, parameters, "
                    + "logits: all counted and all equal; rounding: largest change of a logit by a smaller type; digest; files), "
                    + "seconds."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask apply --model model --mask mask --out pruned-model",
            "  lapidary mask apply --model model --mask mask --dtype bf16 --out pruned-model",
        })
final class MaskApplyCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Folder of the model that the mask is for.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(names = "--mask", required = true, paramLabel = "DIR", description = "Folder of the mask.")
    @SuppressWarnings("NullAway.Init")
    private Path mask;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Save the masked model in this folder.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "f32, f16 or bf16. Default: the model's own, which loses nothing of kept weights.")
    private @Nullable String type;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    MaskApplyCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        long begin = System.nanoTime();
        DType chosen = type == null ? null : parse(type);
        OutputFolder.require(out, new MaskedModelArtifact(), model, mask);
        overwrite.require(out);
        MaskSet set = MaskFolder.read(mask);
        DType stored = chosen == null ? LanguageModel.storedType(model) : chosen;
        MaskedCheckpoint.Verification found = MaskedCheckpoint.write(out, model, set, stored, output.progress());
        double seconds = Durations.since(begin);
        return output.result(() -> text(set, found), () -> json(set, found, seconds));
    }

    private static DType parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "f32" -> DType.F32;
            case "f16" -> DType.F16;
            case "bf16" -> DType.BF16;
            default -> throw new InputException("--dtype must be f32, f16 or bf16; got " + text);
        };
    }

    private String text(MaskSet set, MaskedCheckpoint.Verification found) {
        String rounding = found.rounding() == 0
                ? "nothing was rounded"
                : String.format(
                        Locale.ROOT, "rounding to %s moved a logit by at most %.2g", found.type(), found.rounding());
        String zeros = found.keptZeros() == 0 ? "" : ", " + found.keptZeros() + " kept ones are 0 themselves";
        return String.format(
                Locale.ROOT,
                "%s %s mask on %d weights, %s of the prunable ones kept, stored as %s.%n"
                        + "Verified: %d groups keep exactly %s, %d weights are 0%s; %d tensors and %d logits of the reloaded "
                        + "model are those in memory, %s; %d checksums.%nmodel: %s%n",
                set.method(),
                set.pattern(),
                set.weights(),
                ReportView.percent(set.density()),
                found.type(),
                found.groups(),
                set.pattern(),
                found.dropped(),
                zeros,
                found.parameters(),
                found.logits(),
                rounding,
                found.files().size(),
                out);
    }

    private Map<String, Object> json(MaskSet set, MaskedCheckpoint.Verification found, double seconds) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("folder", out.toString());
        object.put("pattern", set.pattern().toString());
        object.put("method", set.method());
        object.put("base", set.baseDigest());
        object.put("density", set.density());
        object.put("weights", set.weights());
        object.put("type", found.type().name());
        object.put("verified", found);
        object.put("seconds", seconds);
        return object;
    }
}
