package dev.lapidary.bench.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes the bytes of a valid file: bits, numbers, pieces and, where it has text, its numbers and words. */
final class Mutation {
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "1",
            "255",
            "65536",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "1e308",
            "1e999",
            "-0.5",
            "0.1",
            "NaN",
            "null",
            "\"7\"",
            "[]",
            "123456789012345678901234567890123456789012345678901234567890");
    private static final List<String> WORDS = List.of(
            "",
            "a",
            "none",
            "\\u0000",
            "\\ud800",
            "é",
            "🙂",
            "(",
            "(a+)+b",
            "[",
            "\\",
            "../x",
            "/",
            "a b",
            "x".repeat(3000));
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "[".repeat(300),
            "{\"a\":".repeat(150),
            "\n",
            "\r",
            "\0",
            "\ufeff",
            "null");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");
    private static final Pattern WORD = Pattern.compile("\"[^\"\\\\]{0,80}\"");
    private static final int MOST_CHANGES = 4;

    private Mutation() {}

    /** Returns a changed copy, the same for the same state of the random numbers. */
    static byte[] of(byte[] valid, RandomGenerator random) {
        byte[] bytes = valid.clone();
        int changes = random.nextInt(3) > 0 ? 1 : 2 + random.nextInt(MOST_CHANGES - 1); // many would hide each other
        for (int i = 0; i < changes; i++) {
            bytes = bytes.length == 0 ? new byte[] {1} : changed(bytes, random);
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, RandomGenerator random) {
        int at = place(bytes.length, random);
        return switch (random.nextInt(12)) {
            case 0, 9, 10 -> {
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                yield bytes;
            }
            case 1 -> {
                bytes[at] = (byte) random.nextInt();
                yield bytes;
            }
            case 2, 11 -> number(bytes, at, random);
            case 3 -> Arrays.copyOf(bytes, at);
            case 4 -> spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(40)), new byte[0]);
            case 5 -> {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(200));
                yield spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
            }
            case 6 -> replaced(bytes, NUMBER, pick(NUMBERS, random), random);
            case 7 -> replaced(bytes, WORD, '"' + pick(WORDS, random) + '"', random);
            default -> spliced(bytes, at, at, pick(PIECES, random).getBytes(StandardCharsets.UTF_8));
        };
    }

    /** Any place; every second one near the start, where headers stand. */
    private static int place(int length, RandomGenerator random) {
        return random.nextInt(random.nextBoolean() ? length : Math.min(length, 256));
    }

    private static byte[] number(byte[] bytes, int at, RandomGenerator random) {
        long value = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Integer.MAX_VALUE;
            case 4 -> 1L << random.nextInt(63);
            default -> random.nextInt(300);
        };
        int width = 1 << random.nextInt(4);
        for (int i = 0; i < width && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }

    /** Replaces one match in the text that the bytes are as Latin-1. */
    private static byte[] replaced(byte[] bytes, Pattern pattern, String by, RandomGenerator random) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Matcher matcher = pattern.matcher(text);
        int from = place(bytes.length, random);
        if (!matcher.find(from) && !matcher.find(0)) {
            return spliced(bytes, from, from, by.getBytes(StandardCharsets.UTF_8));
        }
        return spliced(bytes, matcher.start(), matcher.end(), by.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] by) {
        byte[] out = Arrays.copyOf(bytes, from + by.length + bytes.length - to);
        System.arraycopy(by, 0, out, from, by.length);
        System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
        return out;
    }

    private static String pick(List<String> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }
}
