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
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A text to train a small language model on, and another one to measure it on.
 *
 * @param training token ids
 * @param test token ids
 * @param vocabulary number of tokens
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record CurveProblem(int[] training, int[] test, int vocabulary) {
    /** Draws whole files of the JDK's sources, with a tokenizer that learns from the training text. */
    static CurveProblem ofSources(int vocabulary, long bytes, long testBytes, long seed) {
        Path folder = null;
        try (JavaSources sources = JavaSources.open()) {
            var sizes = new SourceTexts.Sizes(bytes, testBytes, 0, 0, 0);
            SourceTexts texts = SourceTexts.draw(sources, List.of(), sizes, seed);
            folder = Files.createTempDirectory("lapidary-tokenizer");
            int tokens = BytePairTrainer.train(
                    texts.pretraining(), vocabulary, folder.resolve(TextTokenizer.FILE), Progress.silent());
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                return new CurveProblem(
                        SourceModel.corpus(tokenizer, texts.pretraining()).tokens(),
                        SourceModel.corpus(tokenizer, texts.watching()).tokens(),
                        tokens);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the tokenizer cannot be written", e);
        } finally {
            delete(folder);
        }
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

    /** Makes tokens of which each is followed by one of its own two, or by any. */
    static CurveProblem generated(int vocabulary, int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] followers = random.ints(2L * vocabulary, 0, vocabulary).toArray();
        return new CurveProblem(
                text(followers, length, random), text(followers, length, random), vocabulary);
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
