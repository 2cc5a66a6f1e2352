package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Windows of tokens drawn from a text: one at a random place of each of equally long stretches, so that they cover all of it.
 * A text too short for that many is cut into as many disjoint ones as it has.
 */
@SuppressWarnings("ArrayRecordComponent") // read here only
record CalibrationWindows(int[][] windows) {
    static CalibrationWindows draw(int[] tokens, OneShotSettings settings, int context) {
        int length = settings.lengthFor(context);
        if (tokens.length < length) {
            throw new InputException("the calibration text must have at least one window of " + length + " tokens; got "
                    + tokens.length);
        }
        int count = Math.min(settings.sequences(), tokens.length / length);
        double stretch = (double) tokens.length / count; // at least the length
        SplittableRandom random = new SplittableRandom(settings.seed());
        int[][] windows = new int[count][];
        for (int i = 0; i < count; i++) {
            int first = (int) Math.ceil(i * stretch);
            int last = Math.min(tokens.length, (int) Math.floor((i + 1) * stretch)) - length;
            int from =
                    last > first ? first + random.nextInt(last - first + 1) : Math.min(first, tokens.length - length);
            windows[i] = Arrays.copyOfRange(tokens, from, from + length);
        }
        return new CalibrationWindows(windows);
    }

    int count() {
        return windows.length;
    }

    int length() {
        return windows[0].length;
    }

    /** Tokens of some windows, row after row. */
    long[] rows(int from, int to) {
        return Arrays.stream(windows, from, to)
                .flatMapToInt(Arrays::stream)
                .asLongStream()
                .toArray();
    }

    String digest() {
        MessageDigest digest = Sha256.digest();
        for (int[] window : windows) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Integer.BYTES * (window.length + 1)).putInt(window.length);
            bytes.asIntBuffer().put(window);
            digest.update(bytes.array());
        }
        return Sha256.hex(digest);
    }
}
