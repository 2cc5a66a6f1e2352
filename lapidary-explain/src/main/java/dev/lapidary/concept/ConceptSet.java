package dev.lapidary.concept;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The concepts of a bottleneck, in order: concept m of a score matrix [B, M] is the m-th of this list. Names are distinct.
 *
 * @param concepts the concepts, M of them
 */
public record ConceptSet(List<Concept> concepts) {
    /** Longest line that {@link #read} takes, in characters (UTF-16 units). */
    public static final int MAX_LINE = 1_000;

    /** Largest file that {@link #read} takes, in bytes. */
    public static final long MAX_FILE = 64L << 20;

    /** Refuses two concepts of the same name. */
    public ConceptSet {
        concepts = List.copyOf(concepts);
        Set<String> seen = new HashSet<>();
        for (Concept concept : concepts) {
            if (!seen.add(concept.name())) {
                throw new InputException(
                        "concept names must be distinct; got \"%s\" more than once".formatted(concept.name()));
            }
        }
    }

    /** Returns the concepts with these names, all from one source. */
    public static ConceptSet of(String source, List<String> names) {
        return new ConceptSet(
                names.stream().map(name -> new Concept(name, source)).toList());
    }

    /** Returns the names, in order. */
    public List<String> names() {
        return concepts.stream().map(Concept::name).toList();
    }

    /** Returns M. */
    public int size() {
        return concepts.size();
    }

    /** Returns the place of the concept whose key equals that of the name: case, articles and spacing do not count. */
    public OptionalInt indexOf(String name) {
        String key = Concept.key(name);
        for (int m = 0; m < concepts.size(); m++) {
            if (concepts.get(m).key().equals(key)) {
                return OptionalInt.of(m);
            }
        }
        return OptionalInt.empty();
    }

    /**
     * Reads a text file with one concept a line, strictly as UTF-8. Blank lines and repeated concepts (compared by
     * {@link Concept#key(String)}) are left out and written into the ledger with their line number.
     *
     * @throws InputException where the file is missing, is not UTF-8, has a line of more than {@link #MAX_LINE} characters or
     *     a control character, or holds no concept
     */
    public static ConceptSet read(Path file, ConceptLedger ledger) {
        List<String> lines = lines(file);
        String source = String.valueOf(file.getFileName());
        Map<String, Concept> kept = new LinkedHashMap<>();
        Map<String, Integer> firstLine = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            int number = i + 1;
            String name = cleaned(lines.get(i), file, number);
            if (name.isEmpty()) {
                ledger.dropLine("", source, ConceptLedger.BLANK, "", number);
                continue;
            }
            Concept concept = new Concept(name, source);
            Integer first = firstLine.putIfAbsent(concept.key(), number);
            if (first != null) {
                ledger.dropLine(name, source, ConceptLedger.REPEATED, "line " + first, number);
                continue;
            }
            kept.put(concept.key(), concept);
            ledger.locate(name, number);
        }
        if (kept.isEmpty()) {
            throw new InputException("%s: a concept list must hold at least one concept; got %d blank lines"
                    .formatted(file, lines.size()));
        }
        return new ConceptSet(List.copyOf(kept.values()));
    }

    /**
     * Returns the union of several sets: the first concept of each in turn, then the second of each, and so on. Of concepts
     * with equal keys the first one stays.
     */
    public static ConceptSet merge(List<ConceptSet> sets) {
        Map<String, Concept> merged = new LinkedHashMap<>();
        int longest = sets.stream().mapToInt(ConceptSet::size).max().orElse(0);
        for (int m = 0; m < longest; m++) {
            for (ConceptSet set : sets) {
                if (m < set.size()) {
                    Concept concept = set.concepts().get(m);
                    merged.putIfAbsent(concept.key(), concept);
                }
            }
        }
        return new ConceptSet(List.copyOf(merged.values()));
    }

    /** Returns one line about what reading a list left out, or nothing where it left nothing out. */
    public static Optional<String> warning(Path file, ConceptLedger ledger) {
        long blank = ledger.dropped(ConceptLedger.BLANK);
        long repeated = ledger.dropped(ConceptLedger.REPEATED);
        if (blank + repeated == 0) {
            return Optional.empty();
        }
        return Optional.of("%s: left out %d repeated and %d blank lines; the ledger has their numbers"
                .formatted(file, repeated, blank));
    }

    private static List<String> lines(Path file) {
        byte[] bytes = bytes(file);
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InputException(
                    "%s: a concept list must be UTF-8 text; got other bytes on line %d".formatted(file, badLine(bytes)),
                    e);
        }
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        return text.lines().toList();
    }

    private static byte[] bytes(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException("%s: a concept list must be a text file; got %s"
                    .formatted(file, Files.exists(file) ? "something else" : "nothing"));
        }
        try {
            long size = Files.size(file);
            if (size > MAX_FILE) {
                throw new InputException(
                        "%s: a concept list must have at most %d bytes; got %d".formatted(file, MAX_FILE, size));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException("%s: a concept list must be readable; got %s".formatted(file, e), e);
        }
    }

    /** Returns the number of the first line that is not UTF-8; a line feed never stands inside a longer code. */
    private static int badLine(byte[] bytes) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                ends.add(i);
            }
        }
        int start = 0;
        for (int line = 0; line < ends.size(); line++) {
            int end = ends.get(line);
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
            } catch (CharacterCodingException e) {
                return line + 1;
            }
            start = end + 1;
        }
        return ends.size() + 1;
    }

    private static String cleaned(String line, Path file, int number) {
        if (line.length() > MAX_LINE) {
            throw new InputException("%s: a line of a concept list must have at most %d characters; got %d in line %d"
                    .formatted(file, MAX_LINE, line.length(), number));
        }
        String name = line.replaceAll("[\\s\\u00A0]+", " ").strip();
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new InputException("%s: a concept must have no control character; got U+%04X in line %d"
                        .formatted(file, (int) name.charAt(i), number));
            }
        }
        return name;
    }
}
