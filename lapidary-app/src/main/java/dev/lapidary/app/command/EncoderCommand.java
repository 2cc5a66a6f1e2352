package dev.lapidary.app.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The group of commands around encoders of images and texts. */
@Command(
        name = "encoder",
        description = "Train pairs of encoders that put an image beside its caption.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary encoder train --images photos.csv --out encoder",
            "  lapidary concepts train --images photos --encoder encoder --concepts concepts.txt --out model",
        })
final class EncoderCommand implements Callable<Integer> {
    @Mixin
    private GroupOptions options = new GroupOptions();

    @Override
    public Integer call() {
        throw options.missingCommand();
    }
}
