package dev.lapidary.systems.language;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.Products;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Problems on the sources of the JDK: the general domain is java.base, the other one java.desktop.
 *
 * <p>A model is trained where the cache does not have it, which takes five minutes of processor time.
 *
 * @param how the model is made
 */
public record SourceProblems(SourceModel.Settings how) implements LanguageProblems {
    private static final long MOST_TEST = 1 << 16; // tokens, since perplexities take longer than learning otherwise
    private static final long MOST_TUNING = 1 << 15; // tokens

    /** Returns what the catalogue uses: a million weights and 2.2 million tokens, read once. */
    public static SourceProblems standard() {
        var sizes = new SourceTexts.Sizes(8_000_000, 300_000, 3_000_000, 300_000, 500_000);
        List<String> domains = List.of("java.base", "java.desktop");
        return new SourceProblems(
                new SourceModel.Settings(sizes, domains, 2048, 128, 4, 4, 128, 16, 2e-3, Products.F32));
    }

    @Override
    public Map<String, Object> settings() {
        try (JavaSources sources = JavaSources.open()) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("sources", sources.digest());
            all.put("model", how.toString());
            all.put("testTokens", MOST_TEST);
            all.put("tuningTokens", MOST_TUNING);
            return all;
        }
    }

    private static Corpus beginning(Corpus text, long most) {
        return text.first(Math.min(1, (double) most / text.tokens().length));
    }

    @Override
    public void prepare(long seed, Progress progress) {
        try (JavaSources sources = JavaSources.open()) {
            SourceTexts texts = SourceTexts.draw(sources, how.domains(), how.sizes(), seed);
            SourceModel.ready(sources, texts, how, seed, progress);
        }
    }

    @Override
    public LanguageProblem draw(long seed) {
        try (JavaSources sources = JavaSources.open()) {
            SourceTexts texts = SourceTexts.draw(sources, how.domains(), how.sizes(), seed);
            Path folder = SourceModel.ready(sources, texts, how, seed, Progress.silent());
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                var domains = new LinkedHashMap<String, LanguageProblem.Texts>();
                texts.domains()
                        .forEach((name, domain) -> domains.put(
                                name,
                                new LanguageProblem.Texts(
                                        SourceModel.corpus(tokenizer, domain.learning()),
                                        beginning(SourceModel.corpus(tokenizer, domain.tuning()), MOST_TUNING),
                                        beginning(SourceModel.corpus(tokenizer, domain.test()), MOST_TEST))));
                return new LanguageProblem(SourceModel.open(folder), domains);
            }
        }
    }
}
