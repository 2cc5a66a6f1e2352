package dev.lapidary.systems.language;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.LanguageTraining;
import dev.lapidary.language.LanguageTrainingSettings;
import dev.lapidary.language.TrainedModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Products;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Tiny problems, made in a second: tokens of which each has a few likely followers that a seed draws, others in each domain.
 *
 * @param steps of the model's training
 */
public record ChainProblems(int steps) implements LanguageProblems {
    private static final int TOKENS = 32;
    private static final int FOLLOWERS = 3;
    private static final int CONTEXT = 32;
    private static final int BATCH = 16;
    private static final int LENGTH = 3_000; // tokens of a text
    private static final double NOISE = 0.1; // share of tokens that are drawn evenly

    @Override
    public Map<String, Object> settings() {
        return Map.of("steps", steps, "tokens", TOKENS, "length", LENGTH);
    }

    @Override
    public LanguageProblem draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[][] one = followers(random);
        int[][] two = followers(random);
        Arrays.setAll(two, token -> token % 2 == 0 ? one[token] : two[token]); // domains have half in common
        var domains = new LinkedHashMap<String, LanguageProblem.Texts>();
        domains.put("one", new LanguageProblem.Texts(text(one, random), text(one, random), text(one, random)));
        domains.put("two", new LanguageProblem.Texts(text(two, random), text(two, random), text(two, random)));
        int[] both = new int[2 * LENGTH];
        System.arraycopy(text(one, random).tokens(), 0, both, 0, LENGTH);
        System.arraycopy(text(two, random).tokens(), 0, both, LENGTH, LENGTH);
        return new LanguageProblem(train(corpus(both), text(one, random), seed), domains);
    }

    private static int[][] followers(SplittableRandom random) {
        int[][] followers = new int[TOKENS][];
        Arrays.setAll(followers, token -> random.ints(FOLLOWERS, 0, TOKENS).toArray());
        return followers;
    }

    private static Corpus text(int[][] followers, SplittableRandom random) {
        int[] tokens = new int[LENGTH];
        for (int i = 1; i < LENGTH; i++) {
            tokens[i] = random.nextDouble() < NOISE
                    ? random.nextInt(TOKENS)
                    : followers[tokens[i - 1]][random.nextInt(FOLLOWERS)];
        }
        return corpus(tokens);
    }

    private static Corpus corpus(int[] tokens) {
        return new Corpus(tokens, Sha256.of(Arrays.toString(tokens)));
    }

    private LanguageModel train(Corpus training, Corpus watching, long seed) {
        var settings = new LanguageTrainingSettings(
                steps, BATCH, 5e-3, 0.1, 0.1, 1, 0.1, 1, 1, seed, Products.F32, Optional.empty(), Optional.empty());
        TrainedModel trained = LanguageTraining.train(
                training,
                watching,
                ModelConfig.llama(TOKENS, 32, 1, 2, CONTEXT),
                settings,
                Progress.silent(),
                Cancellation.none());
        return trained.model();
    }
}
