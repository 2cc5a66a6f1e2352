package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The group of commands around pictures. */
@Command(
        name = "images",
        description = "Make pictures to learn from.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary images scenes --out scenes"})
final class ImagesCommand implements Callable<Integer> {
    @Mixin
    private GroupOptions options = new GroupOptions();

    @Override
    public Integer call() {
        throw options.missingCommand();
    }
}
