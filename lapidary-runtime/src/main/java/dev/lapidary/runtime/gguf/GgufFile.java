package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.FileMagic;
import dev.lapidary.runtime.file.MappedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A memory mapped GGUF file, version 2 or 3, little-endian: the models of llama.cpp. Whoever opens it closes it; reading a tensor
 * later throws {@link IllegalStateException}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufFile implements AutoCloseable {
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final GgufMetadata metadata;
    private final SequencedMap<String, GgufTensor> tensors;
    private final MappedFile mapped;

    private GgufFile(Path file, GgufMetadata metadata, SequencedMap<String, GgufTensor> tensors, MappedFile mapped) {
        this.file = file;
        this.metadata = metadata;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
        this.mapped = mapped;
    }

    /** Whether a file begins as GGUF files do. */
    public static boolean isGguf(Path file) throws IOException {
        return FileMagic.begins(file, MAGIC);
    }

    /**
     * Opens a file.
     *
     * @throws InputException in one line where it is missing or malformed, or has tensors of other types than {@link GgufType}
     * @throws IOException where reading fails
     */
    public static GgufFile open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": must be a GGUF file; got "
                    + (Files.exists(file) ? "a folder or device" : "nothing at this path"));
        }
        MappedFile mapped = MappedFile.open(file);
        try {
            SequencedMap<String, GgufTensor> tensors = new LinkedHashMap<>();
            GgufMetadata metadata = new GgufHeader(file, mapped.bytes()).read(tensors);
            return new GgufFile(file, metadata, tensors, mapped);
        } catch (RuntimeException | Error e) {
            mapped.close();
            throw e;
        }
    }

    /** Refuses a file that was shortened after it was opened, whose tensors must not be read any more. */
    public void requireWhole() {
        mapped.requireWhole(file.toString());
    }

    /** Returns the metadata. */
    public GgufMetadata metadata() {
        return metadata;
    }

    /** Returns the tensors in the order of the file. */
    public SequencedMap<String, GgufTensor> tensors() {
        return tensors;
    }

    /**
     * Returns one tensor.
     *
     * @throws InputException where there is none of that name
     */
    public GgufTensor tensor(String name) {
        GgufTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InputException(file + ": must have a tensor '" + name + "'; got " + tensors.size() + " others");
        }
        return tensor;
    }

    /** Returns the path that was opened. */
    public Path file() {
        return file;
    }

    @Override
    public void close() {
        mapped.close();
    }
}
