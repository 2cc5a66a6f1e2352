package dev.lapidary.app.command;

import dev.lapidary.sparsity.MaskDifference;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what masks keep and how far they are apart. */
@Command(
        name = "inspect",
        sortOptions = false,
        description = {
            "Shows what a mask keeps: method, pattern, base model, density, and for each kind of linear how often each pattern "
                    + "is chosen. For several masks, such as those of several domains on one base, also how far each two are "
                    + "apart; for two, in every layer.",
            "JSON: masks (folder, method, pattern, patterns, base, density, weights, bitsPerWeight, bytesOfCodes, updatedLayers, "
                    + "denseLayers, kinds, settings), differences (first, second, sameBase, groups, entries, kinds, layers; "
                    + "fractions that differ)."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary mask inspect mask", "  lapidary mask inspect masks/law masks/news masks/code --json"})
final class MaskInspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", arity = "1..*", description = "Folders of masks.")
    private List<Path> folders = List.of();

    @Mixin
    private Output output;

    MaskInspectCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        List<MaskSet> sets = folders.stream().map(MaskFolder::read).toList();
        List<MaskView.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            for (int j = i + 1; j < sets.size(); j++) {
                MaskDifference difference = MaskDifference.of(sets.get(i), sets.get(j));
                pairs.add(new MaskView.Pair(
                        folders.get(i).toString(), folders.get(j).toString(), difference));
            }
        }
        MaskView view = new MaskView(folders.stream().map(Path::toString).toList(), sets, pairs);
        return output.result(view::text, view::json);
    }
}
