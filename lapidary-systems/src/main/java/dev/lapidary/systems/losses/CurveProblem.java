package dev.lapidary.systems.losses;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.systems.language.JavaSources;
import dev.lapidary.systems.language.SourceModel;
import dev.lapidary.systems.language.SourceTexts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Texts to train a small language model on and to measure it on: general ones, and those of one domain for a model that was trained on
 * the general ones.
 *
 * @param general the texts to train from random weights on
 * @param domain the texts to fine-tune on
 * @param vocabulary number of tokens
 */
record CurveProblem(Texts general, Texts domain, int vocabulary) {
    /**
     * Two texts, each file in one of them.
     *
     * @param training token ids
     * @param test token ids
     */
    @SuppressWarnings("ArrayRecordComponent") // read only
    record Texts(int[] training, int[] test) {}

    /** The module whose files are the domain. */
    static final String DOMAIN = "java.desktop";

    /** Draws whole files of the JDK's sources, with a tokenizer that learns from the general training text. */
    static CurveProblem ofSources(int vocabulary, long bytes, long testBytes, long seed) {
        Path folder = null;
        try (JavaSources sources = JavaSources.open()) {
            var sizes = new SourceTexts.Sizes(bytes, testBytes, bytes, 0, testBytes);
            SourceTexts texts = SourceTexts.draw(sources, List.of(DOMAIN), sizes, seed);
            SourceTexts.Domain domain = Objects.requireNonNull(texts.domains().get(DOMAIN));
            folder = Files.createTempDirectory("lapidary-tokenizer");
            int tokens = BytePairTrainer.train(
                    texts.pretraining(), vocabulary, folder.resolve(TextTokenizer.FILE), Progress.silent());
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                return new CurveProblem(
                        texts(tokenizer, texts.pretraining(), texts.watching()),
                        texts(tokenizer, domain.learning(), domain.test()),
                        tokens);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the tokenizer cannot be written", e);
        } finally {
            delete(folder);
        }
    }

    private static Texts texts(TextTokenizer tokenizer, List<String> training, List<String> test) {
        return new Texts(
                SourceModel.corpus(tokenizer, training).tokens(),
                SourceModel.corpus(tokenizer, test).tokens());
    }

    private static void delete(@Nullable Path folder) {
        try {
            if (folder != null) {
                AtomicFiles.deleteTree(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be deleted", e);
        }
    }

    /** Makes tokens of which each is followed by one of its own two, which differ between the texts, or by any. */
    static CurveProblem generated(int vocabulary, int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new CurveProblem(texts(vocabulary, length, random), texts(vocabulary, length, random), vocabulary);
    }

    private static Texts texts(int vocabulary, int length, SplittableRandom random) {
        int[] followers = random.ints(2L * vocabulary, 0, vocabulary).toArray();
        return new Texts(text(followers, length, random), text(followers, length, random));
    }

    private static int[] text(int[] followers, int length, SplittableRandom random) {
        int[] tokens = new int[length];
        for (int i = 1; i < length; i++) {
            tokens[i] = random.nextInt(4) == 0
                    ? random.nextInt(followers.length / 2)
                    : followers[2 * tokens[i - 1] + random.nextInt(2)];
        }
        return tokens;
    }
}
