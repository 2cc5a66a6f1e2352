package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A saved training: a safetensors file with the trainable's state and, as metadata, the step, the plan and a digest of it all.
 *
 * <p>It holds no times, so that a resumed training writes the bytes of an uninterrupted one on that machine. Closing it unmaps the
 * file, after which its tensors must not be read.
 */
public final class Checkpoint implements AutoCloseable {
    private static final String FORMAT = "lapidary-training";
    private static final String VERSION = "1";
    private static final String CONTENT = "content";
    private static final String PLAN = "plan.";

    private final Path path;
    private final TensorFile file;

    private Checkpoint(Path path, TensorFile file) {
        this.path = path;
        this.file = file;
    }

    /** Returns where a training with this folder keeps its latest state. */
    public static Path last(Path folder) {
        return folder.resolve("last.safetensors");
    }

    /**
     * Opens a checkpoint and checks that every byte is as it was written.
     *
     * @throws InputException where the file is no checkpoint, has another version or was damaged
     */
    public static Checkpoint open(Path path) {
        TensorFile file;
        try {
            file = TensorFile.open(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Checkpoint checkpoint = new Checkpoint(path, file);
        try {
            checkpoint.verify();
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
        return checkpoint;
    }

    /** Returns the number of steps done. */
    public long step() {
        return position().step();
    }

    /** Returns {@link TrainingPlan#identity()} of the plan that it belongs to. */
    public SortedMap<String, String> plan() {
        SortedMap<String, String> plan = new TreeMap<>();
        file.metadata().forEach((key, value) -> {
            if (key.startsWith(PLAN)) {
                plan.put(key.substring(PLAN.length()), value);
            }
        });
        return plan;
    }

    /** Returns the state; valid until this is closed. */
    public SavedState state() {
        return new SavedState(file.tensors().values());
    }

    @Override
    public void close() {
        file.close();
    }

    Position position() {
        return Position.of(file.metadata());
    }

    /** Refuses to go on where this checkpoint belongs to another plan. */
    void requirePlan(TrainingPlan wanted) {
        PlanDifference.of(plan(), wanted).ifPresent(difference -> {
            throw new InputException("checkpoint " + path + " must belong to this plan with " + difference.wanted()
                    + "; got " + difference.got() + "; go on with the same settings, or discard it (--restart)");
        });
    }

    /** Gives the state to a trainable that must have tensors of the same names, types and shapes. */
    void restore(Trainable trainable) {
        SavedState saved = state();
        Map<String, TensorView> own = saved.tensors();
        List<TensorView> wanted = trainable.state();
        for (TensorView tensor : wanted) {
            TensorView got = own.get(tensor.name());
            if (got == null || got.dtype() != tensor.dtype() || !got.shape().equals(tensor.shape())) {
                throw new InputException("checkpoint " + path + " must hold " + describe(tensor) + "; got "
                        + (got == null ? "none of that name" : describe(got)));
            }
        }
        if (own.size() != wanted.size()) {
            throw new InputException(
                    "checkpoint " + path + " must hold " + wanted.size() + " tensors; got " + own.size());
        }
        trainable.restore(saved);
    }

    /** Writes a checkpoint in one piece: the file is the former or the new one, whatever happens. */
    static void write(Path path, Position position, SortedMap<String, String> identity, List<TensorView> state)
            throws IOException {
        SortedMap<String, String> texts = new TreeMap<>(position.texts());
        identity.forEach((key, value) -> texts.put(PLAN + key, value));
        texts.put("planDigest", ContentDigest.of(identity, List.of()));
        texts.put("format", FORMAT);
        texts.put("version", VERSION);
        texts.put(CONTENT, ContentDigest.of(texts, state));
        SafetensorsWriter.write(path, state, texts);
    }

    private void verify() {
        SortedMap<String, String> texts = new TreeMap<>(file.metadata());
        if (!FORMAT.equals(texts.get("format"))) {
            throw new InputException(
                    path + " must be a training checkpoint; got a file of format " + texts.get("format"));
        }
        if (!VERSION.equals(texts.get("version"))) {
            throw new InputException(
                    "checkpoint " + path + " must have version " + VERSION + "; got " + texts.get("version"));
        }
        String stated = texts.remove(CONTENT);
        String found = ContentDigest.of(texts, List.copyOf(file.tensors().values()));
        if (!found.equals(stated)) {
            throw new InputException("checkpoint " + path + " must have the content that was written, digest " + stated
                    + "; got " + found);
        }
    }

    private static String describe(TensorView tensor) {
        return tensor.name() + " " + tensor.dtype() + tensor.shape();
    }
}
