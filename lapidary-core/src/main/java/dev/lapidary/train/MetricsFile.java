package dev.lapidary.train;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Metrics as JSON lines, {@code {"step":40,"epoch":1,"loss":0.31,"validation":{"accuracy":0.9},"seconds":1.25}}, each written to the
 * file at once.
 *
 * <p>{@code step} is the number of steps done, {@code loss} the mean since the line before, {@code seconds} the wall-clock time of
 * training, sessions before a resume included; it is the only part that two runs of one plan do not share. A value that is not finite
 * is null.
 */
final class MetricsFile implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double MILLIS = 1e3;

    private final FileChannel channel;

    private MetricsFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Opens a file to go on after a step: lines beyond it, and a line that a killed JVM left unfinished, are cut. */
    static MetricsFile open(Path file, long step) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            long kept = step > 0 && Files.exists(file) ? kept(file, step) : 0; // bytes
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(kept);
            channel.position(kept);
            return new MetricsFile(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Appends a line. */
    void write(Position position, OptionalLong epoch, Map<String, Double> validation, double seconds) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", position.step());
        epoch.ifPresent(value -> line.put("epoch", value));
        put(line, "loss", position.meanLoss());
        if (!validation.isEmpty()) {
            ObjectNode values = line.putObject("validation");
            new TreeMap<>(validation).forEach((key, value) -> put(values, key, value));
        }
        put(line, "seconds", Math.round(seconds * MILLIS) / MILLIS);
        byte[] text = JSON.writeValueAsBytes(line);
        ByteBuffer bytes =
                ByteBuffer.allocate(text.length + 1).put(text).put((byte) '\n').flip();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes all lines durable, before a checkpoint relies on them. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }

    private static long kept(Path file, long step) throws IOException {
        long kept = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    line.write(next);
                    continue;
                }
                JsonNode parsed = parse(line.toByteArray());
                if (!parsed.path("step").isIntegralNumber()
                        || !parsed.path("step").canConvertToLong()
                        || parsed.path("step").longValue() > step) {
                    break;
                }
                kept += line.size() + 1;
                line.reset();
            }
        }
        return kept;
    }

    private static JsonNode parse(byte[] line) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            return JSON.nullNode();
        }
    }
}
