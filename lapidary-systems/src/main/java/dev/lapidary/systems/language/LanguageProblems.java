package dev.lapidary.systems.language;

import java.util.Map;

/** Where problems on a language model come from: trained on real text, or tiny and made in a second. */
public sealed interface LanguageProblems permits SourceProblems, ChainProblems {
    /** Returns what problems depend on besides the seed. */
    Map<String, Object> settings();

    /** Draws the problem of a seed, which the caller closes. */
    LanguageProblem draw(long seed);
}
