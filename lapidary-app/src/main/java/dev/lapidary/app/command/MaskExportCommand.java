package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.sparsity.MaskArchive;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a mask in the published form. */
@Command(
        name = "export",
        sortOptions = false,
        description = {
            "Writes a mask as the npz file in which MaskLLM publishes masks: for each weight an entry <parameter>.mask, its "
                    + "row-major mask as numpy.packbits packs it. The same mask gives the same file, which is read again and "
                    + "compared with the codes.",
            "Masks with updated weights and masks of GPT-2 have no such form.",
            "JSON: npz, pattern, layers, weights, bytes, sha256."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary mask export --mask mask --npz mask.npz"})
final class MaskExportCommand implements Callable<Integer> {
    @Option(names = "--mask", required = true, paramLabel = "DIR", description = "Folder of the mask.")
    @SuppressWarnings("NullAway.Init")
    private Path mask;

    @Option(names = "--npz", required = true, paramLabel = "FILE", description = "The file to write.")
    @SuppressWarnings("NullAway.Init")
    private Path npz;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    MaskExportCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        OutputFolder.requireFile(npz);
        Path parent = npz.toAbsolutePath().normalize().getParent();
        if (parent != null && Files.isDirectory(parent) && Files.isDirectory(mask) && Files.isSameFile(parent, mask)) {
            throw new InputException(npz + ": must lie outside the mask's own folder; got " + mask);
        }
        overwrite.require(npz);
        MaskSet set = MaskFolder.read(mask);
        MaskArchive.write(npz, set);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("npz", npz.toString());
        object.put("pattern", set.pattern().toString());
        object.put("layers", set.layers().size());
        object.put("weights", set.weights());
        object.put("bytes", Files.size(npz));
        object.put("sha256", Sha256.of(npz));
        return output.result(
                () -> set.pattern() + " masks of " + set.layers().size() + " layers, " + set.weights() + " weights, "
                        + object.get("bytes") + " bytes, read again and equal to the codes.\nnpz: " + npz + "\n",
                () -> object);
    }
}
