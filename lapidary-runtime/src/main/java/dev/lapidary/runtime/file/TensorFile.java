package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
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
public sealed interface TensorFile extends AutoCloseable permits SafetensorsFile, NpyFile, NpzFile {
    /**
     * Opens a file, told apart by its first bytes and else by its extension; one that is neither npy nor npz is read as
     * safetensors.
     *
     * @throws InputException where the file is missing, malformed, or holds what cannot be read safely
     * @throws IOException where reading fails
     */
    static TensorFile open(Path file) throws IOException {
        return TensorFileOpener.open(file);
    }

    /** Returns the numeric tensors in the order of the file. */
    SequencedMap<String, TensorView> tensors();

    /** Returns the arrays of strings (npy and npz only) in the order of the file, each row-major. */
    SequencedMap<String, List<String>> strings();

    /** Returns the texts that a safetensors file stores beside its tensors; empty for npy and npz. */
    Map<String, String> metadata();

    /** Returns the path that was opened. */
    Path file();

    /**
     * Returns one tensor.
     *
     * @throws InputException where there is none of that name; the message names those that exist
     */
    default TensorView tensor(String name) {
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
    default List<String> strings(String name) {
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
    void close();
}
