package dev.lapidary.app.command;

import dev.lapidary.work.UnfinishedWork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/** Runs a training as {@link UnfinishedWork} and says what becomes of it. */
final class UnfinishedTraining {
    private UnfinishedTraining() {}

    /** The work itself: trains, writes the folder, answers with the exit status. */
    @FunctionalInterface
    interface Training {
        int in(UnfinishedWork work) throws IOException;
    }

    /** Runs a training towards a folder. */
    static int run(Path out, RestartOption option, Output output, Training training) {
        try (UnfinishedWork work = UnfinishedWork.open(out, option.restart())) {
            if (work.resumed()) {
                output.remark("going on from " + work.folder() + ", after " + Durations.text(work.seconds())
                        + "; --restart would begin anew");
            }
            try {
                int status = training.in(work);
                work.finished();
                return status;
            } catch (CancellationException stopped) {
                output.remark(
                        work.hasState()
                                ? "what is done is kept in " + work.folder()
                                        + ": the same command goes on from there, --restart begins anew"
                                : "nothing was finished yet; nothing is kept");
                throw stopped;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
