package dev.lapidary.contrast;

import dev.lapidary.contrast.Augmentation.View;
import dev.lapidary.image.RgbImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Square images of one size in memory: bytes [images, side, side, 3]. Once all are added several threads may read at once. */
final class Pixels implements AutoCloseable {
    private static final int COLOURS = 3;
    private static final int VALUES = 256;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private final int side;
    private final int capacity;
    private int images;

    /** Makes room for {@code capacity} images. */
    Pixels(int capacity, int side) {
        this.capacity = capacity;
        this.side = side;
        bytes = arena.allocate(Math.max(1, capacity * imageBytes(side)));
    }

    static long imageBytes(int side) {
        return (long) COLOURS * side * side;
    }

    int side() {
        return side;
    }

    /** Images so far. */
    int count() {
        return images;
    }

    /** Adds an image of the right side. */
    void add(RgbImage image) {
        int at = images;
        if (at >= capacity || image.height() != side || image.width() != side) {
            throw new IllegalArgumentException("an image must be " + side + " x " + side + " and one of " + capacity
                    + "; got " + image.height() + " x " + image.width() + " as number " + (at + 1));
        }
        MemorySegment.copy(
                image.pixels(), 0, bytes, ValueLayout.JAVA_BYTE, at * imageBytes(side), image.pixels().length);
        images++;
    }

    /** The bytes of all images so far. */
    MemorySegment bytes() {
        return bytes.asSlice(0, count() * imageBytes(side));
    }

    /** Lets a digest run over all of them. */
    void update(MessageDigest sha) {
        update(sha, bytes());
    }

    /** Lets a digest run over memory. */
    static void update(MessageDigest sha, MemorySegment bytes) {
        long most = 1 << 20;
        for (long from = 0; from < bytes.byteSize(); from += most) {
            ByteBuffer part =
                    bytes.asSlice(from, Math.min(most, bytes.byteSize() - from)).asByteBuffer();
            sha.update(part);
        }
    }

    /** The byte of one colour of one pixel, 0 to 255. */
    int value(int image, int y, int x, int colour) {
        return bytes.get(ValueLayout.JAVA_BYTE, image * imageBytes(side) + ((long) y * side + x) * COLOURS + colour)
                & 0xff;
    }

    /**
     * Writes one image as it is seen, scaled by colour.
     *
     * @param table [3, 256], the float of each byte of each colour
     * @param target [side, side, 3] floats
     */
    void write(int image, View view, float[][] table, MemorySegment target) {
        byte[] source = new byte[Math.toIntExact(imageBytes(side))];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, image * imageBytes(side), source, 0, source.length);
        float[] seen = new float[source.length];
        int at = 0;
        for (int y = 0; y < side; y++) {
            int row = reflected(y + view.down()) * side;
            for (int x = 0; x < side; x++) {
                int from = (row + reflected((view.mirrored() ? side - 1 - x : x) + view.right())) * COLOURS;
                for (int colour = 0; colour < COLOURS; colour++) {
                    seen[at++] = table[colour][source[from + colour] & 0xff];
                }
            }
        }
        MemorySegment.copy(seen, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, seen.length);
    }

    /** Mirrors at the first and the last pixel, which are not doubled. */
    private int reflected(int at) {
        int from = Math.abs(at);
        return from < side ? from : 2 * (side - 1) - from;
    }

    /** The float of each byte: scaled to 0 to 1, less the mean, divided by the deviation of each colour. */
    static float[][] table(double[] mean, double[] deviation) {
        float[][] table = new float[COLOURS][VALUES];
        for (int colour = 0; colour < COLOURS; colour++) {
            for (int value = 0; value < VALUES; value++) {
                table[colour][value] = (float) ((value / (double) (VALUES - 1) - mean[colour]) / deviation[colour]);
            }
        }
        return table;
    }

    @Override
    public void close() {
        arena.close();
    }
}
