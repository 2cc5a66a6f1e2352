package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.TrainingResult.Stopped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageTrainingTest {
    private static final ModelConfig TINY = ModelConfig.llama(12, 16, 2, 2, 16);
    private static final Corpus COUNTING = counting(4000);

    @TempDir
    private Path temporary;

    /** Twelve tokens of which each follows from the one before, but for one in four, which is any of two. */
    private static Corpus counting(int length) {
        int[] tokens = new int[length];
        long state = 1;
        for (int i = 1; i < length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            tokens[i] = (tokens[i - 1] + (i % 4 == 0 && state < 0 ? 5 : 1)) % 12;
        }
        return new Corpus(tokens, "counting " + length);
    }

    private static LanguageTrainingSettings settings(long steps) {
        return LanguageTrainingSettings.defaults().withSteps(steps).withBatch(4).withLearningRate(1e-2);
    }

    private static TrainedModel train(LanguageTrainingSettings settings, Cancellation cancellation) {
        return LanguageTraining.train(COUNTING, TINY, settings, Progress.silent(), cancellation);
    }

    /** Uniform guessing has perplexity 12, knowing the rule but not the coin 2^(1/4) = 1.19. */
    @Test
    void learns() {
        try (TrainedModel trained = train(settings(120), Cancellation.none())) {
            assertThat(trained.perplexity().perplexity()).isBetween(1.15, 1.6);
            assertThat(trained.training().steps()).isBetween(60L, 120L);
            assertThat(trained.trainTokens()).isEqualTo(3600);
            assertThat(trained.prunable()).isEqualTo(2L * (4 * 16 * 16 + 3 * 16 * 64));
            assertThat(trained.parameters()).isEqualTo(trained.prunable() + 12 * 16 + 5 * 16);
        }
    }

    @Test
    void sameSeedSameBytesOtherSeedOthers() {
        String first = digest(settings(10));
        assertThat(digest(settings(10))).isEqualTo(first);
        assertThat(digest(settings(10).withSeed(1))).isNotEqualTo(first);
    }

    private static String digest(LanguageTrainingSettings settings) {
        try (TrainedModel trained = train(settings, Cancellation.none())) {
            return trained.model().digest();
        }
    }

    @Test
    void interruptedAndResumedEndsWithTheSameBytes() throws Exception {
        String whole = digest(saving("whole", settings(30)));
        LanguageTrainingSettings parts = saving("parts", settings(30));
        for (int stopAfter : new int[] {7, 13}) {
            Cancellation stop = new Cancellation();
            Progress stopping = new StopsAfter(stopAfter, stop);
            assertThatThrownBy(() -> LanguageTraining.train(COUNTING, TINY, parts, stopping, stop))
                    .isInstanceOf(CancellationException.class);
        }
        assertThat(digest(parts)).isEqualTo(whole);
        assertThat(losses("parts")).isEqualTo(losses("whole")).isNotEmpty();
    }

    private LanguageTrainingSettings saving(String name, LanguageTrainingSettings settings) {
        return settings.withCheckpoints(Checkpointing.in(temporary.resolve(name)))
                .withMetrics(temporary.resolve(name).resolve("metrics.jsonl"));
    }

    private List<String> losses(String name) throws Exception {
        return Files.readAllLines(temporary.resolve(name).resolve("metrics.jsonl")).stream()
                .map(line -> line.replaceAll("\"seconds\":[0-9.]+", ""))
                .toList();
    }

    /** A model far too large for a short text learns it by heart: training ends early, with the weights of the best validation. */
    @Test
    void stopsWhereTheHeldOutLossTurnsAndKeepsTheBest() {
        int[] random = new java.util.Random(1).ints(700, 0, 12).toArray();
        Corpus noise = new Corpus(random, "noise");
        var settings =
                LanguageTrainingSettings.defaults().withSteps(400).withBatch(4).withLearningRate(2e-2);
        try (TrainedModel trained =
                LanguageTraining.train(noise, TINY, settings, Progress.silent(), Cancellation.none())) {
            assertThat(trained.training().stopped()).isEqualTo(Stopped.EARLY);
            assertThat(trained.training().steps()).isLessThan(400);
            double best = trained.training().bestMetric().orElseThrow();
            assertThat(Math.log(trained.perplexity().perplexity())).isCloseTo(best, within(0.1));
        }
    }

    @Test
    void writesAFolderThatOpens() throws Exception {
        Path tokenizer = temporary.resolve("tokenizer.json");
        BytePairTrainer.train(List.of("a text for a tokenizer"), 257, tokenizer, Progress.silent());
        Path folder = temporary.resolve("model");
        try (TrainedModel trained = train(settings(2), Cancellation.none())) {
            trained.write(folder, temporary, Map.of("seed", "0"));
            try (LanguageModel again = LanguageModel.open(folder)) {
                assertThat(again.digest()).isEqualTo(trained.model().digest());
            }
        }
        assertThat(files(folder))
                .containsExactly(
                        "config.json", "lapidary.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
        try (TextTokenizer words = TextTokenizer.open(folder)) {
            assertThat(words.ends()).containsExactly(0);
        }
    }

    private static List<String> files(Path folder) throws Exception {
        try (var paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void refusesWhatCannotBeTrained() {
        assertThatThrownBy(() -> LanguageTraining.train(
                        counting(100), TINY, settings(1), Progress.silent(), Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have at least 17 tokens for a window; got 10");
        ModelConfig odd = ModelConfig.llama(12, 12, 1, 2, 16);
        assertThatThrownBy(() ->
                        LanguageTraining.train(COUNTING, odd, settings(1), Progress.silent(), Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("multiples of 8")
                .hasMessageContaining("got 12 and 32");
    }

    @Test
    void windowsOfAnEpochAreApartAndItsTokensAreAllSeenOnce() {
        WindowOrder order = new WindowOrder(3, 1000, 16, 4);
        for (long epoch = 0; epoch < 3; epoch++) {
            List<Integer> starts = new ArrayList<>();
            for (long step = 0; step < 200; step++) {
                if (order.epoch(step) == epoch) {
                    for (int start : order.starts(step)) {
                        starts.add(start);
                    }
                }
            }
            int offset = starts.stream().mapToInt(Integer::intValue).min().orElseThrow();
            assertThat(offset).isBetween(0, 15);
            assertThat(starts).hasSize(61).allMatch(start -> (start - offset) % 16 == 0 && start + 16 < 1000);
            assertThat(starts).doesNotHaveDuplicates();
        }
        assertThatThrownBy(() -> new WindowOrder(3, 16, 16, 4)).isInstanceOf(InputException.class);
        assertThat(new WindowOrder(3, 17, 16, 4).starts(5)).containsExactly(0);
    }
}
