package dev.lapidary.runtime.packed;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;
import dev.lapidary.runtime.kernel.WeightType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The header of a packed file, checked: every section is as long as its tensor's shape says, and sections follow each other
 * from page to page up to the header without overlap.
 *
 * @param tokenizer without its JSON text, which is a section
 */
record PackedHeader(
        String config,
        @Nullable String base,
        @Nullable PackedTokenizer tokenizer,
        PackedTensor.@Nullable Section tokenizerSection,
        SequencedMap<String, PackedTensor> tensors) {
    private static final JsonFactory JSON = new JsonFactory();

    /** A section with what it belongs to, for messages. */
    private record Owned(String owner, PackedTensor.Section section) {}

    static byte[] toJson(
            String config,
            @Nullable String base,
            @Nullable PackedTokenizer tokenizer,
            PackedTensor.@Nullable Section tokenizerSection,
            List<PackedTensor> tensors) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("config", config);
            if (base != null) {
                json.writeStringProperty("base", base);
            }
            if (tokenizer != null && tokenizerSection != null) {
                write(json, tokenizer, tokenizerSection);
            }
            json.writeArrayPropertyStart("tensors");
            for (PackedTensor tensor : tensors) {
                write(json, tensor);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, PackedTokenizer tokenizer, PackedTensor.Section section) {
        json.writeObjectPropertyStart("tokenizer");
        write(json, "data", section);
        tokenizer.bos().ifPresent(id -> json.writeNumberProperty("bos", id));
        tokenizer.eos().ifPresent(id -> json.writeNumberProperty("eos", id));
        json.writeArrayPropertyStart("ends");
        tokenizer.ends().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeBooleanProperty("adds_bos", tokenizer.addsBos());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, PackedTensor tensor) {
        json.writeStartObject();
        json.writeStringProperty("name", tensor.name());
        json.writeStringProperty("kind", word(tensor.kind()));
        json.writeStringProperty("type", tensor.type().toString());
        json.writeArrayPropertyStart("shape");
        tensor.shape().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeStringProperty("layout", tensor.kind().layout());
        write(json, "data", tensor.data());
        PackedTensor.Section scales = tensor.scales();
        if (scales != null) {
            json.writeStringProperty("scaling", word(tensor.scaling()));
            write(json, "scales", scales);
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, PackedTensor.Section section) {
        json.writeObjectPropertyStart(name);
        json.writeNumberProperty("offset", section.offset());
        json.writeNumberProperty("length", section.length());
        json.writeNumberProperty("crc32c", Integer.toUnsignedLong(section.checksum()));
        json.writeEndObject();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Parses and checks a header.
     *
     * @param where the file, with which errors begin
     * @param end where the header starts and the last section must end
     */
    static PackedHeader parse(String where, byte[] json, long end) {
        JsonObject header = JsonTree.object(where, json);
        List<Owned> sections = new ArrayList<>();
        JsonObject tokens = header.optional("tokenizer");
        PackedTensor.Section text = null;
        if (tokens != null) {
            text = section(tokens, "data");
            sections.add(new Owned("tokenizer", text));
        }
        SequencedMap<String, PackedTensor> tensors = new LinkedHashMap<>();
        for (JsonObject entry : header.objects("tensors")) {
            String name = entry.text("name");
            PackedTensor tensor = tensor(new JsonObject(where + ": tensor '" + name + "'", entry.members()), name);
            if (name.isEmpty() || tensors.putIfAbsent(name, tensor) != null) {
                throw new InputException(where + ": tensors must have distinct names; got two '" + name + "'");
            }
            sections.add(new Owned("tensor '" + name + "'", tensor.data()));
            PackedTensor.Section scales = tensor.scales();
            if (scales != null) {
                sections.add(new Owned("scales of tensor '" + name + "'", scales));
            }
        }
        checkCoverage(where, sections, end);
        PackedTokenizer tokenizer = tokens == null ? null : tokenizer(tokens);
        return new PackedHeader(
                header.text("config"), header.has("base") ? header.text("base") : null, tokenizer, text, tensors);
    }

    private static PackedTokenizer tokenizer(JsonObject tokens) {
        Set<Integer> ends = new LinkedHashSet<>();
        for (long id : tokens.wholes("ends")) {
            ends.add(id(tokens, "ends", id));
        }
        return new PackedTokenizer(
                new byte[0], id(tokens, "bos"), id(tokens, "eos"), ends, tokens.truth("adds_bos", false));
    }

    private static OptionalInt id(JsonObject tokens, String name) {
        return tokens.has(name) ? OptionalInt.of(id(tokens, name, tokens.whole(name))) : OptionalInt.empty();
    }

    private static int id(JsonObject tokens, String name, long id) {
        if (id < 0 || id > Integer.MAX_VALUE) {
            throw new InputException(tokens.where() + ": " + name + " must be a token's id; got " + id);
        }
        return (int) id;
    }

    private static PackedTensor tensor(JsonObject entry, String name) {
        PackedTensor.Kind kind = word(entry, "kind", PackedTensor.Kind.values());
        WeightType type = word(entry, "type", WeightType.packed());
        String layout = entry.text("layout");
        if (!layout.equals(kind.layout())) {
            throw new InputException(entry.where() + ": layout must be " + kind.layout() + "; got " + layout);
        }
        long[] shape = entry.wholes("shape");
        boolean vector = kind == PackedTensor.Kind.VECTOR;
        if (shape.length != (vector ? 1 : 2)) {
            throw new InputException(
                    entry.where() + ": shape must have " + (vector ? 1 : 2) + " numbers; got " + shape.length);
        }
        int rows = vector ? 1 : side(entry, shape[0]);
        int columns = side(entry, shape[shape.length - 1]);
        if ((long) rows * columns > PackedFormat.MOST_WEIGHTS) {
            throw new InputException(entry.where() + ": shape must have at most " + PackedFormat.MOST_WEIGHTS
                    + " weights; got " + rows + " x " + columns);
        }
        Scaling scaling = entry.has("scaling") ? word(entry, "scaling", Scaling.values()) : Scaling.NONE;
        checkKind(entry, kind, type, scaling, columns);
        PackedTensor.Section data = section(entry, "data");
        checkLength(entry, "data", data, PackedTensor.dataBytes(kind, type, rows, columns));
        PackedTensor.Section scales = null;
        if (scaling != Scaling.NONE) {
            scales = section(entry, "scales");
            checkLength(entry, "scales", scales, Float.BYTES * scaling.count(rows, columns));
        }
        return new PackedTensor(name, kind, type, scaling, rows, columns, data, scales);
    }

    private static void checkKind(
            JsonObject entry, PackedTensor.Kind kind, WeightType type, Scaling scaling, int columns) {
        if (kind == PackedTensor.Kind.VECTOR && type != WeightType.F32) {
            throw new InputException(entry.where() + ": a vector must be f32; got " + type);
        }
        boolean possible = switch (scaling) {
            case NONE -> type != WeightType.INT8;
            case ROW -> type == WeightType.INT8;
            case BLOCK -> type == WeightType.INT8 && kind == PackedTensor.Kind.DENSE;
        };
        if (!possible) {
            throw new InputException(entry.where()
                    + ": scaling must be row for int8, block for dense int8, none for other types; got " + word(scaling)
                    + " for " + word(kind) + " " + type);
        }
        if (kind == PackedTensor.Kind.SPARSE && columns % 4 != 0) {
            throw new InputException(entry.where() + ": columns of 2:4 must be a multiple of 4; got " + columns);
        }
    }

    private static int side(JsonObject entry, long side) {
        if (side < 1 || side > Integer.MAX_VALUE) {
            throw new InputException(
                    entry.where() + ": shape must be from 1 to " + Integer.MAX_VALUE + "; got " + side);
        }
        return (int) side;
    }

    private static <E extends Enum<E>> E word(JsonObject entry, String name, E[] values) {
        String text = entry.text(name);
        List<String> words = new ArrayList<>();
        for (E value : values) {
            if (word(value).equals(text)) {
                return value;
            }
            words.add(word(value));
        }
        throw new InputException(entry.where() + ": " + name + " must be one of " + words + "; got " + text);
    }

    private static PackedTensor.Section section(JsonObject owner, String name) {
        JsonObject section = owner.object(name);
        long offset = section.whole("offset");
        long length = section.whole("length");
        long checksum = section.whole("crc32c");
        if (checksum < 0 || checksum > 0xFFFFFFFFL) {
            throw new InputException(owner.where() + ": " + name + " must have a crc32c of 32 bits; got " + checksum);
        }
        return new PackedTensor.Section(offset, length, (int) checksum);
    }

    private static void checkLength(JsonObject entry, String name, PackedTensor.Section section, long bytes) {
        if (section.length() != bytes) {
            throw new InputException(entry.where() + " at offset " + section.offset() + ": " + name + " must have the "
                    + bytes + " bytes of its shape; got " + section.length());
        }
    }

    private static void checkCoverage(String where, List<Owned> sections, long end) {
        List<Owned> sorted = new ArrayList<>(sections);
        sorted.sort(Comparator.comparingLong(owned -> owned.section.offset()));
        long at = PackedFormat.ALIGNMENT;
        for (Owned owned : sorted) {
            long offset = owned.section.offset();
            if (offset != PackedFormat.align(at)) {
                throw new InputException(where + ": " + owned.owner + " at offset " + offset
                        + " must begin on the page after what is before it, at " + PackedFormat.align(at));
            }
            if (owned.section.length() < 0 || owned.section.length() > end - offset) {
                throw new InputException(where + ": " + owned.owner + " at offset " + offset
                        + " must end before the header at " + end + "; got a length of " + owned.section.length());
            }
            at = owned.section.end();
        }
        if (at != end) {
            throw new InputException(where + ": sections must end where the header starts, at " + end + "; got " + at);
        }
    }
}
