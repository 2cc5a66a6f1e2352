package dev.lapidary.runtime.safetensors;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.PieceWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes safetensors files, all or nothing, the same bytes for the same tensors and metadata.
 *
 * <p>The header names the tensors in the given order. Their data is laid out by falling element size, in the given order within
 * a size, so that every tensor starts at a multiple of its element size; readers follow the offsets, so this is invisible to
 * them. Data goes to the file in pieces and is never copied to the heap as a whole.
 */
public final class SafetensorsWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private SafetensorsWriter() {}

    /**
     * Writes a file.
     *
     * @param tensors with distinct names
     * @param metadata texts stored beside the tensors, sorted by key
     * @throws IOException where writing fails, for instance on a full disk; the file is then as it was before
     */
    public static void write(Path file, List<TensorView> tensors, Map<String, String> metadata) throws IOException {
        List<TensorView> layout = tensors.stream()
                .sorted(Comparator.comparingInt((TensorView t) -> -t.dtype().bytes()))
                .toList();
        byte[] header = header(tensors, offsets(layout), metadata);
        AtomicFiles.writeChannel(file, channel -> {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            PieceWriter out = new PieceWriter(channel);
            out.write(length.putLong(header.length).flip());
            out.write(ByteBuffer.wrap(header));
            for (TensorView tensor : layout) {
                out.write(tensor.data());
            }
        });
    }

    private static Map<String, Long> offsets(List<TensorView> layout) {
        Map<String, Long> offsets = new HashMap<>();
        long at = 0;
        for (TensorView tensor : layout) {
            if (tensor.name().equals(SafetensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor must not be named " + SafetensorsHeader.METADATA);
            }
            if (offsets.put(tensor.name(), at) != null) {
                throw new IllegalArgumentException("tensors must have distinct names; got two '" + tensor.name() + "'");
            }
            at = Math.addExact(at, tensor.data().byteSize());
        }
        return offsets;
    }

    private static byte[] header(List<TensorView> tensors, Map<String, Long> offsets, Map<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectPropertyStart(SafetensorsHeader.METADATA);
                new TreeMap<>(metadata).forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            for (TensorView tensor : tensors) {
                long begin = offsets.getOrDefault(tensor.name(), 0L);
                json.writeObjectPropertyStart(tensor.name());
                json.writeStringProperty("dtype", tensor.dtype().name());
                json.writeArrayPropertyStart("shape");
                tensor.shape().forEach(json::writeNumber);
                json.writeEndArray();
                json.writeArrayPropertyStart("data_offsets");
                json.writeNumber(begin);
                json.writeNumber(begin + tensor.data().byteSize());
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        if (bytes.size() > SafetensorsFile.HEADER_LIMIT) {
            throw new IllegalArgumentException("a safetensors header must have at most " + SafetensorsFile.HEADER_LIMIT
                    + " bytes; got " + bytes.size());
        }
        return bytes.toByteArray();
    }
}
