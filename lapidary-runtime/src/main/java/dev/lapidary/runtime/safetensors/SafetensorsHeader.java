package dev.lapidary.runtime.safetensors;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.Shapes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * The checked header of a safetensors file: every entry lies in the file, is as long as its shape says, and together they cover
 * the data without hole or overlap.
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(3)
                    .maxNumberLength(20)
                    .build())
            .build();

    /** One tensor; begin and end count bytes from the start of the data. */
    record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {}

    /** Parses and checks a header, where dataBytes is what follows it in the file. */
    static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) {
        if (json[0] != '{') {
            throw new InputException(file + ": safetensors header must begin with {; got byte " + (json[0] & 0xff));
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            SafetensorsHeader header = new Reader(file, parser).header();
            checkCoverage(file, header.entries, dataBytes);
            return header;
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed JSON");
            throw new InputException(file + ": safetensors header must be JSON of the format; got: " + reason, e);
        }
    }

    private static void checkCoverage(Path file, List<Entry> entries, long dataBytes) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry entry : sorted) {
            if (entry.begin != at) {
                throw new InputException(file + ": tensor '" + entry.name
                        + "' must begin where the one before ends, at " + at + "; got " + entry.begin);
            }
            at = entry.end;
        }
        if (at != dataBytes) {
            throw new InputException(
                    file + ": tensors must fill the " + dataBytes + " bytes after the header; got " + at);
        }
    }

    /** Reads tokens one by one and refuses the first that the format does not have. */
    private record Reader(Path file, JsonParser parser) {
        SafetensorsHeader header() {
            expect(parser.nextToken(), JsonToken.START_OBJECT, "header");
            List<Entry> entries = new ArrayList<>();
            Map<String, String> metadata = Map.of();
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                if (name.equals(METADATA)) {
                    metadata = metadata();
                } else {
                    entries.add(entry(name));
                }
            }
            expect(parser.currentToken(), JsonToken.END_OBJECT, "header");
            if (parser.nextToken() != null) {
                throw malformed("header must end after one JSON object; got " + parser.currentToken());
            }
            return new SafetensorsHeader(List.copyOf(entries), metadata);
        }

        private Map<String, String> metadata() {
            expect(parser.nextToken(), JsonToken.START_OBJECT, METADATA);
            Map<String, String> metadata = new LinkedHashMap<>();
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                expect(parser.nextToken(), JsonToken.VALUE_STRING, METADATA + " '" + key + "'");
                metadata.put(key, parser.getString());
            }
            return Collections.unmodifiableMap(metadata);
        }

        private Entry entry(String name) {
            expect(parser.nextToken(), JsonToken.START_OBJECT, "tensor '" + name + "'");
            DType dtype = null;
            List<Long> shape = null;
            List<Long> offsets = null;
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                switch (key) {
                    case "dtype" -> dtype = dtype(name);
                    case "shape" -> shape = longs("shape of '" + name + "'");
                    case "data_offsets" -> offsets = longs("data_offsets of '" + name + "'");
                    default ->
                        throw malformed(
                                "tensor '" + name + "' must have dtype, shape and data_offsets only; got " + key);
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                throw malformed("tensor '" + name + "' must have dtype, shape and data_offsets; got none of "
                        + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
            }
            return checked(name, dtype, shape, offsets);
        }

        private Entry checked(String name, DType dtype, List<Long> shape, List<Long> offsets) {
            if (offsets.size() != 2) {
                throw malformed("data_offsets of '" + name + "' must be two numbers; got " + offsets.size());
            }
            long begin = offsets.get(0);
            long end = offsets.get(1);
            long bytes = Shapes.bytes(shape, dtype.bytes());
            if (bytes < 0) {
                throw malformed("shape of '" + name + "' must describe less than 2^63 bytes; got " + shape);
            }
            if (end < begin || end - begin != bytes) {
                throw malformed("data_offsets of '" + name + "' must span the " + bytes + " bytes of " + dtype + " "
                        + shape + "; got " + offsets);
            }
            return new Entry(name, dtype, shape, begin, end);
        }

        private DType dtype(String name) {
            expect(parser.nextToken(), JsonToken.VALUE_STRING, "dtype of '" + name + "'");
            String text = parser.getString();
            for (DType dtype : DType.values()) {
                if (dtype.name().equals(text)) {
                    return dtype;
                }
            }
            throw malformed("dtype of '" + name + "' must be one of " + EnumSet.allOf(DType.class) + "; got " + text);
        }

        private List<Long> longs(String what) {
            expect(parser.nextToken(), JsonToken.START_ARRAY, what);
            List<Long> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
                long value = parser.getLongValue();
                if (value < 0) {
                    throw malformed(what + " must not be negative; got " + value);
                }
                values.add(value);
            }
            return List.copyOf(values);
        }

        private void expect(@Nullable JsonToken got, JsonToken wanted, String what) {
            if (got != wanted) {
                throw malformed(what + " must be " + words(wanted) + "; got " + words(got));
            }
        }

        private static String words(@Nullable JsonToken token) {
            return switch (token) {
                case null -> "nothing";
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_STRING -> "a string";
                case VALUE_NUMBER_INT -> "a whole number";
                case VALUE_NUMBER_FLOAT -> "a fraction";
                case END_OBJECT, END_ARRAY -> "an end";
                default -> token.toString();
            };
        }

        private InputException malformed(String reason) {
            return new InputException(file + ": safetensors " + reason);
        }
    }
}
