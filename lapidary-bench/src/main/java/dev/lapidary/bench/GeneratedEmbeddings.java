package dev.lapidary.bench;

import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Embeddings in the likeness of a sentence encoder's, written to safetensors files without ever being in memory as a whole: a
 * direction that all share, one of four class centres, and noise.
 */
final class GeneratedEmbeddings {
    static final int WIDTH = 384;
    static final List<String> CLASSES = List.of("east", "north", "south", "west");
    private static final double SHARED =
            0.5; // lengths before the embedding is brought to length 1; the noise has length 1
    private static final double CENTRE = 0.15;
    private static final int INFORMATIVE = 10; // concepts per class that point towards its centre
    private static final int BLOCK = 2048;

    private final float[] shared = direction(generator(1));
    private final float[][] centres = new float[CLASSES.size()][];

    GeneratedEmbeddings() {
        RandomGenerator random = generator(2);
        for (int k = 0; k < centres.length; k++) {
            centres[k] = direction(random);
        }
    }

    private static RandomGenerator generator(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** Bytes of a file of n items. */
    static long bytes(long n) {
        return n * (4L * WIDTH + 8) + 4096;
    }

    /** Writes n items with their labels. */
    void writeItems(Path file, int n, long seed) throws IOException {
        long split = 4L * WIDTH * n;
        Map<String, Object> header = Map.of(
                "embeddings",
                Map.of("dtype", "F32", "shape", List.of(n, WIDTH), "data_offsets", List.of(0, split)),
                "labels",
                Map.of("dtype", "I64", "shape", List.of(n), "data_offsets", List.of(split, split + 8L * n)),
                "__metadata__",
                Map.of("classes", json(CLASSES)));
        byte[] text = padded(json(header));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocateDirect(4 * WIDTH * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
            write(channel, block.putLong(text.length).put(text));
            RandomGenerator random = generator(seed);
            for (int i = 0; i < n; i++) {
                for (float value : item(random, i % CLASSES.size())) {
                    block.putFloat(value);
                }
                if (!block.hasRemaining() || i == n - 1) {
                    write(channel, block);
                }
            }
            for (int i = 0; i < n; i++) {
                block.putLong(i % CLASSES.size());
                if (!block.hasRemaining() || i == n - 1) {
                    write(channel, block);
                }
            }
        }
    }

    private static void write(FileChannel channel, ByteBuffer block) throws IOException {
        block.flip();
        while (block.hasRemaining()) {
            channel.write(block);
        }
        block.clear();
    }

    private static byte[] padded(String header) {
        int length = Math.ceilDiv(header.length(), 8) * 8;
        return (header + " ".repeat(length - header.length())).getBytes(StandardCharsets.US_ASCII);
    }

    private static String json(Object value) {
        return new JsonMapper().writeValueAsString(value);
    }

    private float[] item(RandomGenerator random, int classIndex) {
        float[] item = noise(random, 1);
        add(item, shared, SHARED);
        add(item, centres[classIndex], CENTRE);
        return unit(item);
    }

    /** Writes M concepts, some of them near a class centre and most of them random, and the class names' own vectors. */
    void writeConcepts(Path file, int concepts) throws IOException {
        RandomGenerator random = generator(3);
        List<String> names = new ArrayList<>();
        float[] vectors = new float[concepts * WIDTH];
        for (int m = 0; m < concepts; m++) {
            float[] vector = noise(random, 1);
            int classIndex = m % CLASSES.size();
            boolean informative = m < INFORMATIVE * CLASSES.size();
            if (informative) {
                add(vector, centres[classIndex], 1);
            }
            names.add((informative ? CLASSES.get(classIndex) + " " : "other ") + m);
            System.arraycopy(unit(vector), 0, vectors, m * WIDTH, WIDTH);
        }
        float[] ofClasses = new float[CLASSES.size() * WIDTH];
        for (int k = 0; k < centres.length; k++) {
            float[] vector = noise(random, 1);
            add(vector, centres[k], 1);
            System.arraycopy(unit(vector), 0, ofClasses, k * WIDTH, WIDTH);
        }
        SafetensorsWriter.write(
                file,
                List.of(
                        TensorView.of("embeddings", vectors, concepts, WIDTH),
                        TensorView.of("class_embeddings", ofClasses, CLASSES.size(), WIDTH)),
                Map.of("names", json(names), "classes", json(CLASSES)));
    }

    private static float[] direction(RandomGenerator random) {
        return unit(noise(random, 1));
    }

    /** Gaussian noise of an expected length. */
    private static float[] noise(RandomGenerator random, double length) {
        float[] values = new float[WIDTH];
        double deviation = length / Math.sqrt(WIDTH);
        for (int j = 0; j < WIDTH; j++) {
            values[j] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private static void add(float[] to, float[] direction, double length) {
        for (int j = 0; j < WIDTH; j++) {
            to[j] += (float) (length * direction[j]);
        }
    }

    private static float[] unit(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        for (int j = 0; j < values.length; j++) {
            values[j] = (float) (values[j] / Math.sqrt(squares));
        }
        return values;
    }
}
