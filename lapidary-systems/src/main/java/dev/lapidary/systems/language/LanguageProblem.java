package dev.lapidary.systems.language;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a seed draws for a check on a language model: a trained model, and texts of several domains that it has not seen.
 *
 * @param model whoever replaces weights restores them; closing this closes it
 * @param domains by name, the general one first
 */
public record LanguageProblem(LanguageModel model, SequencedMap<String, Texts> domains) implements AutoCloseable {
    /**
     * The texts of one domain.
     *
     * @param learning what a method may learn or calibrate from
     * @param tuning what settings are chosen by
     * @param test what results are measured on
     */
    public record Texts(Corpus learning, Corpus tuning, Corpus test) {}

    /** Keeps the order of the domains. */
    public LanguageProblem {
        domains = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(domains));
    }

    /** Returns the texts of the first domain. */
    public Texts first() {
        return domains.firstEntry().getValue();
    }

    /** Returns the texts of the last domain. */
    public Texts last() {
        return domains.lastEntry().getValue();
    }

    @Override
    public void close() {
        model.close();
    }
}
