package dev.lapidary.systems.language;

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
 * <p>Drawing trains the model where the cache does not have it, which takes a quarter of an hour.
 *
 * @param how the model is made
 * @param progress reports the training
 */
public record SourceProblems(SourceModel.Settings how, Progress progress) implements LanguageProblems {
    /** Returns what the catalogue uses: a million weights and 1.9 million tokens, read once. */
    public static SourceProblems standard(Progress progress) {
        var sizes = new SourceTexts.Sizes(8_000_000, 300_000, 3_000_000, 300_000, 500_000);
        List<String> domains = List.of("java.base", "java.desktop");
        return new SourceProblems(
                new SourceModel.Settings(sizes, domains, 2048, 128, 4, 4, 128, 16, 2e-3, Products.F32), progress);
    }

    @Override
    public Map<String, Object> settings() {
        try (JavaSources sources = JavaSources.open()) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("sources", sources.digest());
            all.put("model", how.toString());
            return all;
        }
    }

    @Override
    public LanguageProblem draw(long seed) {
        try (JavaSources sources = JavaSources.open()) {
            SourceTexts texts = SourceTexts.draw(sources, how.domains(), how.sizes(), seed);
            Path folder = SourceModel.ready(sources, texts, how, seed, progress);
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                var domains = new LinkedHashMap<String, LanguageProblem.Texts>();
                texts.domains()
                        .forEach((name, domain) -> domains.put(
                                name,
                                new LanguageProblem.Texts(
                                        SourceModel.corpus(tokenizer, domain.learning()),
                                        SourceModel.corpus(tokenizer, domain.tuning()),
                                        SourceModel.corpus(tokenizer, domain.test()))));
                return new LanguageProblem(SourceModel.open(folder), domains);
            }
        }
    }
}
