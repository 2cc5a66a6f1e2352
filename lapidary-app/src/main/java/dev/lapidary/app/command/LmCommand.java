package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Option(names = "--json", hidden = true)
    private boolean json;

    @Override
    public Integer call() {
        throw new RootCommand.MissingCommand(spec.commandLine());
    }
}
