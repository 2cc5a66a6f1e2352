package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.train.Checkpoint;
import dev.lapidary.train.Checkpointing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training that keeps its checkpoints beside the folder that it will write, so that it can be resumed. What it leaves when it ends
 * early is kept where there is something to go on from or an earlier run left it, else deleted.
 */
final class UnfinishedTraining {
    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedTraining.class);
    private static final String CHECKPOINTS = "checkpoints";
    private static final String LOCK = "lock";

    private final Path folder;
    private final boolean resume;
    private final Output output;
    private final boolean earlier; // whether another run left something

    /** The work itself: trains, writes the folder, answers with the exit status. */
    @FunctionalInterface
    interface Work {
        int in(UnfinishedTraining unfinished) throws IOException;
    }

    private UnfinishedTraining(Path folder, boolean resume, Output output) {
        this.folder = folder;
        this.resume = resume;
        this.output = output;
        this.earlier = Files.exists(folder);
    }

    /** Runs a training towards a folder. */
    static int run(Path out, boolean resume, Output output, Work work) {
        return new UnfinishedTraining(OutputFolder.unfinished(out), resume, output).run(work);
    }

    /** Where it keeps what it needs. */
    Path folder() {
        return folder;
    }

    /** Where and whether to go on from. */
    Checkpointing checkpoints() {
        Checkpointing checkpoints = Checkpointing.in(folder.resolve(CHECKPOINTS));
        return resume ? checkpoints : checkpoints.withoutResume();
    }

    private boolean resumable() {
        return Files.isRegularFile(Checkpoint.last(folder.resolve(CHECKPOINTS)));
    }

    private int run(Work work) {
        if (!resume && resumable()) {
            output.remark("beginning anew; --resume would go on from " + folder);
        }
        int status;
        FileChannel alone = alone();
        try (alone) {
            status = work.in(this);
        } catch (CancellationException stopped) {
            output.remark(OutputFolder.keeps(folder, folder.resolve(CHECKPOINTS), "training"));
            tidy();
            throw stopped;
        } catch (IOException e) {
            tidy();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            tidy();
            throw e;
        }
        OutputFolder.delete(folder);
        return status;
    }

    /** Locks the folder until the channel is closed, since two trainings would write over each other's checkpoints. */
    private FileChannel alone() {
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() != null) {
                    return channel;
                }
            } catch (OverlappingFileLockException here) {
                LOG.debug("locked by this process", here);
            }
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
        throw new InputException(folder + ": must be of no other training that runs; got one to the same --out");
    }

    private void tidy() {
        if (!earlier && !resumable()) {
            OutputFolder.delete(folder);
        }
    }
}
