package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    @Mixin
    private GroupOptions options = new GroupOptions();

    @Override
    public Integer call() {
        throw options.missingCommand();
    }
}
