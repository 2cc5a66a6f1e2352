package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The group of commands around masks that say which weights of a language model to keep. */
@Command(
        name = "mask",
        description = "Choose, learn, apply and exchange masks that keep N of every M weights of a language model.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary mask prune --model model --method sparsegpt --text book.txt --out mask",
            "  lapidary mask learn --model model --text book.txt --out learned-mask",
            "  lapidary lm evaluate --model model --mask mask --text other.txt",
        })
final class MaskCommand implements Callable<Integer> {
    @Mixin
    private GroupOptions options = new GroupOptions();

    @Override
    public Integer call() {
        throw options.missingCommand();
    }
}
