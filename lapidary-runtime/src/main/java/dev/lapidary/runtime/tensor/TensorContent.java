package dev.lapidary.runtime.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What a file of named tensors holds; the memory behind the tensors belongs to whoever had it read.
 *
 * @param tensors the numeric tensors in the order of the file
 * @param strings the arrays of strings in the order of the file, each row-major
 * @param metadata texts that the file stores beside its tensors
 */
public record TensorContent(
        SequencedMap<String, TensorView> tensors,
        SequencedMap<String, List<String>> strings,
        Map<String, String> metadata) {
    /** Closes the maps to changes. */
    public TensorContent {
        tensors = Collections.unmodifiableSequencedMap(tensors);
        strings = Collections.unmodifiableSequencedMap(strings);
    }

    /** Tensors with texts beside them, and no arrays of strings. */
    public static TensorContent of(SequencedMap<String, TensorView> tensors, Map<String, String> metadata) {
        return new TensorContent(tensors, new LinkedHashMap<>(), metadata);
    }
}
