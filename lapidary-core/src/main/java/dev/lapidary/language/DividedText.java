package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Texts of which the end of each is held out, so that both parts have some of every text. With one text the parts are its beginning
 * and its end.
 *
 * @param training the beginnings, one behind the other
 * @param heldOut the ends, one behind the other
 */
public record DividedText(Corpus training, Corpus heldOut) {
    /**
     * Reads files as {@link Corpus#read} does, each for itself, and divides each.
     *
     * @param heldOut share of each file's tokens, from 0 to 1
     */
    public static DividedText read(List<Path> files, TextTokenizer tokenizer, ModelConfig model, double heldOut) {
        List<Corpus> beginnings = new ArrayList<>();
        List<Corpus> ends = new ArrayList<>();
        for (Path file : files) {
            Corpus text = Corpus.read(List.of(file), tokenizer, model);
            beginnings.add(text.first(1 - heldOut));
            ends.add(text.last(heldOut));
        }
        return new DividedText(Corpus.joined(beginnings), Corpus.joined(ends));
    }

    /** Returns the beginnings of the files as text, for training a tokenizer: all but a share of each file's characters. */
    public static List<String> beginnings(List<Path> files, double heldOut) {
        return files.stream()
                .map(file -> beginning(Corpus.text(List.of(file)), heldOut))
                .toList();
    }

    private static String beginning(String text, double heldOut) {
        int end = (int) Math.floor(text.length() * (1 - heldOut));
        boolean splitsPair = end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        return text.substring(0, splitsPair ? end - 1 : end);
    }
}
