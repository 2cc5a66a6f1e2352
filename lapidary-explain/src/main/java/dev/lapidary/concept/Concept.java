package dev.lapidary.concept;

import dev.lapidary.runtime.InputException;
import java.text.Normalizer;
import java.util.Locale;

/**
 * A short human-readable phrase that an item can show more or less of, such as "home run".
 *
 * @param name the phrase as it is encoded and shown; neither blank nor with space around it
 * @param source where it came from, for the ledger: a file, "corpus", "wordnet:hyponym of sport", ...
 */
public record Concept(String name, String source) {
    /** Refuses a name that is blank or has space around it. */
    public Concept {
        if (name.isBlank() || !name.equals(name.strip())) {
            throw new InputException(
                    "a concept's name must have letters and no space around it; got \"%s\"".formatted(name));
        }
    }

    /** Returns what two spellings of one concept share: see {@link #key(String)}. */
    public String key() {
        return key(name);
    }

    /**
     * Returns what two spellings of one concept share: the name without a leading article, in lower case, with single
     * spaces and composed Unicode letters. "The  Wing" and "wing" have the same key.
     */
    public static String key(String name) {
        String spaced = Normalizer.normalize(name, Normalizer.Form.NFC).strip().replaceAll("\\s+", " ");
        return stripArticle(spaced).toLowerCase(Locale.ROOT);
    }

    /** Returns the name without a leading "a ", "an " or "the " in any case; what follows keeps its case. */
    public static String stripArticle(String name) {
        for (String article : new String[] {"a ", "an ", "the "}) {
            if (name.length() > article.length() && name.regionMatches(true, 0, article, 0, article.length())) {
                return name.substring(article.length()).stripLeading();
            }
        }
        return name;
    }
}
