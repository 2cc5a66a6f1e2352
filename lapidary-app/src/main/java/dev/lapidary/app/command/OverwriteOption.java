package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Whether a finished result may be replaced. What was left unfinished is another thing: {@link RestartOption} discards it. */
final class OverwriteOption {
    @Option(
            names = "--overwrite",
            description =
                    "Replace a finished result of the same kind. Without this option the command stops and leaves the result as it is.")
    private boolean overwrite;

    /**
     * Refuses a folder or file that holds a finished result, unless it may be replaced. Call it before the work, behind
     * {@link OutputFolder}.
     */
    void require(Path out) {
        boolean finished = Files.isDirectory(out)
                ? Files.isRegularFile(out.resolve(AtomicFiles.MARKER))
                : Files.isRegularFile(out);
        if (finished && !overwrite) {
            throw new InputException(out + ": must be new, or given with --overwrite to be replaced; got a finished "
                    + (Files.isDirectory(out) ? "result" : "file"));
        }
    }
}
