package dev.lapidary.sparsity;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.Nulls;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a mask folder's lapidary.json holds.
 *
 * @param format always {@link MaskFolder#FORMAT}
 * @param version always {@link #VERSION}
 * @param base digest of the base model
 * @param pattern N:M, N the number kept
 * @param patterns the pattern of each code in turn, a 1 for a kept column
 * @param method what made the masks
 * @param settings how it was run
 * @param layers every layer with a mask, in order
 * @param tensors SHA-256 of mask.safetensors
 */
record MaskManifest(
        String format,
        int version,
        String base,
        String pattern,
        List<String> patterns,
        String method,
        SortedMap<String, String> settings,
        List<Layer> layers,
        String tensors) {
    static final int VERSION = 1;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .changeDefaultNullHandling(n -> n.withContentNulls(Nulls.FAIL))
            .build();

    /** A layer with a mask, and whether the file also holds its updated weights. */
    record Layer(String weight, int rows, int columns, boolean updated) {}

    /** What says whether the rest can be read; a later version may hold more. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Header(String format, int version) {}

    static MaskManifest of(MaskSet set, String tensors) {
        List<Layer> layers = set.layers().values().stream()
                .map(m -> new Layer(
                        m.weight(), m.rows(), m.columns(), set.updatedWeights().containsKey(m.weight())))
                .toList();
        return new MaskManifest(
                MaskFolder.FORMAT,
                VERSION,
                set.baseDigest(),
                set.pattern().toString(),
                patterns(set.pattern()),
                set.method(),
                set.settings(),
                layers,
                tensors);
    }

    /** Returns the patterns in the order of their codes, such as 1100, 1010, 1001, 0110, 0101, 0011. */
    static List<String> patterns(SparsityPattern pattern) {
        return IntStream.range(0, pattern.count())
                .mapToObj(code -> IntStream.range(0, pattern.of())
                        .mapToObj(k -> pattern.keeps(code, k) ? "1" : "0")
                        .reduce("", String::concat))
                .toList();
    }

    String toJson() {
        return MAPPER.writeValueAsString(this) + "\n";
    }

    /** Reads and checks what can be checked without the tensors. */
    static MaskManifest read(Path file, String text) {
        try {
            Header header = MAPPER.readValue(text, Header.class);
            if (header == null || !MaskFolder.FORMAT.equals(header.format()) || header.version() != VERSION) {
                throw new InputException(file + ": format must be " + MaskFolder.FORMAT + " version " + VERSION
                        + "; got " + (header == null ? "null" : header.format() + " version " + header.version()));
            }
            MaskManifest manifest = MAPPER.readValue(text, MaskManifest.class);
            manifest.requirePatterns(file);
            return manifest;
        } catch (JacksonException malformed) {
            throw new InputException(
                    file + ": must be the JSON of a mask folder; got: " + malformed.getOriginalMessage(), malformed);
        }
    }

    private void requirePatterns(Path file) {
        List<String> wanted = patterns(SparsityPattern.parse(pattern));
        if (!patterns.equals(wanted)) {
            throw new InputException(
                    file + ": patterns of " + pattern + " must be in the order " + wanted + "; got " + patterns);
        }
    }
}
