package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.LongStream;

/**
 * Which images an encoder was trained on, by the first 64 bits of the SHA-256 of their files, so that whoever judges it learns where the
 * images judged are among them. A file {@value #FILE} in the encoder's folder has one in hexadecimal a line, ascending.
 */
public final class TrainingImages {
    /** Its name in the folder of an encoder. */
    public static final String FILE = "training_images.txt";

    private static final long LARGEST = 1L << 30; // bytes of the file
    private static final int DIGITS = 16;
    private static final TrainingImages NONE = new TrainingImages(new long[0]);

    private final long[] digests; // ascending, each once

    private TrainingImages(long[] digests) {
        this.digests = digests;
    }

    /** What is known of encoders of others: nothing. */
    public static TrainingImages none() {
        return NONE;
    }

    /** Those with these digests. */
    public static TrainingImages of(long[] digests) {
        return new TrainingImages(LongStream.of(digests).sorted().distinct().toArray());
    }

    /** The digest of a file. */
    public static long digest(byte[] file) {
        return ByteBuffer.wrap(Sha256.digest().digest(file)).getLong();
    }

    /** These and others. */
    public TrainingImages and(TrainingImages others) {
        return of(LongStream.concat(LongStream.of(digests), LongStream.of(others.digests))
                .toArray());
    }

    /** How many there are. */
    public int size() {
        return digests.length;
    }

    /** Whether an image is among them. */
    public boolean has(long digest) {
        return Arrays.binarySearch(digests, digest) >= 0;
    }

    /**
     * Reads those of an encoder's folder; none where it has no such file.
     *
     * @throws InputException where the file is not as it must be
     */
    public static TrainingImages read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return NONE;
        }
        try {
            if (Files.size(file) > LARGEST) {
                throw new InputException(file + ": must have at most " + LARGEST + " bytes; got " + Files.size(file));
            }
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                return of(lines.lines().mapToLong(line -> parsed(file, line)).toArray());
            }
        } catch (UncheckedIOException e) {
            throw new InputException(file + ": must be lines of " + DIGITS + " hexadecimal digits; got other text", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static long parsed(Path file, String line) {
        if (line.length() == DIGITS && line.chars().allMatch(HexFormat::isHexDigit)) {
            return HexFormat.fromHexDigitsToLong(line);
        }
        throw new InputException(file + ": must be lines of " + DIGITS + " hexadecimal digits; got " + line);
    }

    /** Writes the file into an encoder's folder. */
    public void write(Path folder) throws IOException {
        StringBuilder lines = new StringBuilder(digests.length * (DIGITS + 1));
        for (long digest : digests) {
            lines.append(HexFormat.of().toHexDigits(digest)).append('\n');
        }
        Files.writeString(folder.resolve(FILE), lines);
    }
}
