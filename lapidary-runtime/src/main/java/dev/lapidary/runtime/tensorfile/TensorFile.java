package dev.lapidary.runtime.tensorfile;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorContent;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An opened file of named tensors: safetensors, npy or npz.
 *
 * <p>Tensors of safetensors and npy files are memory mapped, so that opening is instant at any size; npz entries and arrays that
 * are big-endian or in Fortran order are converted into native memory on opening. An npy file has the one tensor {@code ""}; an
 * npz file has one per entry, named without {@code .npy}. Whoever opens the file closes it, which unmaps and frees at once;
 * reading a view later throws {@link IllegalStateException}. A file must not be changed while it is open.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">safetensors</a>
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">npy</a>
 */
public final class TensorFile implements AutoCloseable {
    private final Path file;
    private final TensorContent content;
    private final Arena arena;

    /** Takes over the arena that the content lives in. */
    TensorFile(Path file, TensorContent content, Arena arena) {
        this.file = file;
        this.content = content;
        this.arena = arena;
    }

    /**
     * Opens a file, told apart by its first bytes and else by its extension; one that is neither npy nor npz is read as
     * safetensors.
     *
     * @throws InputException where the file is missing, malformed, or holds what cannot be read safely
     * @throws IOException where reading fails
     */
    public static TensorFile open(Path file) throws IOException {
        return TensorFileOpener.open(file);
    }

    /** Returns the numeric tensors in the order of the file. */
    public SequencedMap<String, TensorView> tensors() {
        return content.tensors();
    }

    /** Returns the arrays of strings (npy and npz only) in the order of the file, each row-major. */
    public SequencedMap<String, List<String>> strings() {
        return content.strings();
    }

    /** Returns the texts that a safetensors file stores beside its tensors; empty for npy and npz. */
    public Map<String, String> metadata() {
        return content.metadata();
    }

    /** Returns the path that was opened. */
    public Path file() {
        return file;
    }

    /**
     * Returns one tensor.
     *
     * @throws InputException where there is none of that name; the message names those that exist
     */
    public TensorView tensor(String name) {
        TensorView view = tensors().get(name);
        if (view != null) {
            return view;
        }
        if (strings().containsKey(name)) {
            throw new InputException(file() + ": array '" + name + "' must hold numbers; got strings");
        }
        throw new InputException(file() + ": must have a tensor '" + name + "'; got " + listed());
    }

    /**
     * Returns one array of strings.
     *
     * @throws InputException where there is none of that name
     */
    public List<String> strings(String name) {
        List<String> values = strings().get(name);
        if (values != null) {
            return values;
        }
        String got = tensors().containsKey(name) ? "numbers" : listed();
        throw new InputException(file() + ": must have an array of strings '" + name + "'; got " + got);
    }

    private String listed() {
        int shown = 20;
        List<String> names = Stream.concat(tensors().keySet().stream(), strings().keySet().stream())
                .toList();
        if (names.isEmpty()) {
            return "an empty file";
        }
        String text = names.stream().limit(shown).map(n -> "'" + n + "'").collect(Collectors.joining(", "));
        return names.size() > shown ? text + " and " + (names.size() - shown) + " more" : text;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
