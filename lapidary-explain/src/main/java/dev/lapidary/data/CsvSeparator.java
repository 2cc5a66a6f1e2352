package dev.lapidary.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What separates the columns of a file.
 *
 * @param line whether the first line is {@code sep=...}, which is no header
 */
record CsvSeparator(char character, boolean line) {
    private static final int SAMPLED = 1 << 18; // characters
    private static final int RECORDS = 50;
    private static final Pattern LINE = Pattern.compile("\"?sep=(.)\"?", Pattern.CASE_INSENSITIVE);

    /** The one that is asked for or that Excel's line names, else the one by which the header and the first rows agree. */
    static CsvSeparator of(TextFile file, char usual, Optional<Character> asked) throws IOException {
        Matcher first;
        String sample;
        try (BufferedReader in = file.open()) {
            String line = in.readLine();
            first = LINE.matcher(line == null ? "" : line);
            char[] letters = new char[SAMPLED];
            int count = Math.max(0, in.read(letters));
            while (count < SAMPLED && count > 0) {
                int more = in.read(letters, count, SAMPLED - count);
                if (more < 0) {
                    break;
                }
                count += more;
            }
            sample = (line == null ? "" : line) + "\n" + new String(letters, 0, count);
        }
        boolean line = first.matches();
        if (asked.isPresent() || line) {
            return new CsvSeparator(asked.orElseGet(() -> first.group(1).charAt(0)), line);
        }
        return new CsvSeparator(detect(sample, usual), false);
    }

    /** The usual one where it divides the header, unless only another one divides all rows alike. */
    private static char detect(String sample, char usual) {
        List<Character> candidates = new ArrayList<>();
        candidates.add(usual);
        Stream.of(',', ';', '\t', '|').filter(c -> c != usual).forEach(candidates::add);
        char widest = usual;
        int most = 1;
        for (char candidate : candidates) {
            List<Integer> counts = counts(sample, candidate);
            int header = counts.isEmpty() ? 0 : counts.getFirst();
            if (header > 1 && counts.stream().allMatch(count -> count == header)) {
                return candidate;
            }
            if (header > 1 && most == 1) {
                most = header;
                widest = candidate;
            }
        }
        return widest;
    }

    /** How many fields the first records have; a record that the sample may cut off is left out. */
    private static List<Integer> counts(String sample, char separator) {
        List<Integer> counts = new ArrayList<>();
        boolean quoted = false;
        boolean start = true; // of a field
        boolean blank = true;
        int fields = 1;
        for (int i = 0; i < sample.length() && counts.size() < RECORDS; i++) {
            char letter = sample.charAt(i);
            if (quoted) {
                quoted = letter != '"'; // a doubled quotation mark closes and opens again
                start = false;
            } else if (letter == '"' && (start || sample.charAt(i - 1) == '"')) {
                quoted = true;
                blank = false;
            } else if (letter == '\n' || letter == '\r') {
                if (!blank) {
                    counts.add(fields);
                }
                fields = 1;
                blank = true;
                start = true;
            } else {
                fields += letter == separator ? 1 : 0;
                start = letter == separator;
                blank = false;
            }
        }
        if (!blank && !quoted && counts.size() < RECORDS && sample.length() < SAMPLED) {
            counts.add(fields);
        }
        return counts;
    }
}
