package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The group of commands around explainable classifiers. */
@Command(
        name = "concepts",
        description = "Train, judge and explain classifiers that decide by human-readable concepts.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts propose --data news.csv --out concepts.txt",
            "  lapidary concepts train --data news.csv --concepts concepts.txt --nec 10 --out model",
            "  lapidary concepts evaluate --model model --data later-news.csv",
        })
final class ConceptsCommand implements Callable<Integer> {
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
