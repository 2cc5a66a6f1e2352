package dev.lapidary.contrast;

import dev.lapidary.data.LabelNames;
import dev.lapidary.data.Names;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Reads captions of classes: a text file with a line {@code class: caption} for each. */
final class ClassCaptions {
    /** Bytes that a file may have, 16 MiB. */
    static final long MOST_BYTES = 1 << 24;

    private static final String BYTE_ORDER_MARK = "\uFEFF"; // what some editors write before the first line

    private ClassCaptions() {}

    /** Returns the captions of each class, at least one, in the order of the file. */
    static Map<String, List<String>> read(Path file, List<String> classes) {
        Map<String, List<String>> captions = new LinkedHashMap<>();
        classes.forEach(name -> captions.put(name, new ArrayList<>()));
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : LabelNames.clean(line.substring(0, colon));
            String caption = line.substring(colon + 1).strip();
            List<String> own = captions.get(name);
            if (own == null || caption.isEmpty()) {
                throw new InputException(
                        file + ": line " + number + " must be \"class: caption\" with one of the classes "
                                + Names.list(classes) + "; got " + Names.brief(line));
            }
            own.add(caption);
        }
        var without = new TreeSet<>(classes);
        without.removeIf(name -> !captions.getOrDefault(name, List.of()).isEmpty());
        if (!without.isEmpty()) {
            throw new InputException(
                    file + ": every class must have a caption; got none for " + Names.list(List.copyOf(without)));
        }
        Map<String, List<String>> fixed = new LinkedHashMap<>();
        captions.forEach((name, own) -> fixed.put(name, List.copyOf(own)));
        return fixed;
    }

    private static List<String> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": must be a file of captions; got "
                    + (Files.exists(file) ? "something else" : "nothing at this path"));
        }
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new InputException(file + ": captions must have at most " + MOST_BYTES + " bytes; got " + size);
            }
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)
                    .lines()
                    .toList();
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": must be text in UTF-8; got other bytes", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
