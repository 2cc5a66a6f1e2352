package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The group of commands around language models. */
@Command(
        name = "lm",
        description = "Train, measure and run small language models.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm train --text book.txt --out model",
            "  lapidary lm evaluate --model model --text other-book.txt",
            "  lapidary lm generate --model model --prompt \"Once upon a time\"",
        })
final class LmCommand implements Callable<Integer> {
    @Mixin
    private GroupOptions options = new GroupOptions();

    @Override
    public Integer call() {
        throw options.missingCommand();
    }
}
