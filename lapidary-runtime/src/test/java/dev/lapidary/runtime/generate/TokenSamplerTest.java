package dev.lapidary.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
    private static final float[] LOGITS = {0.5f, -1f, 2f, 2f, -0.0f, 0f, Float.NEGATIVE_INFINITY};
    private static final int DRAWS = 40_000;

    @Test
    void temperatureZeroTakesTheFirstLargest() {
        assertThat(new TokenSampler(GenerateOptions.greedy(1)).draw(LOGITS)).isEqualTo(2);
    }

    @Test
    void frequenciesAreTheSoftmaxAtATemperature() {
        assertThat(frequencies(0.7, 0, 1)).satisfies(shares -> {
            double sum = 0;
            for (float logit : LOGITS) {
                sum += Math.exp(logit / 0.7);
            }
            for (int i = 0; i < LOGITS.length; i++) {
                assertThat(shares[i]).isCloseTo(Math.exp(LOGITS[i] / 0.7) / sum, within(0.01));
            }
        });
    }

    @Test
    void topKKeepsTheLikeliest() {
        double[] one = frequencies(1, 1, 1);
        assertThat(one[2]).isEqualTo(1);
        double[] three = frequencies(1, 3, 1);
        double sum = 2 * Math.exp(2) + Math.exp(0.5);
        assertThat(three[2]).isCloseTo(Math.exp(2) / sum, within(0.01));
        assertThat(three[0]).isCloseTo(Math.exp(0.5) / sum, within(0.01));
        assertThat(three[2] + three[3] + three[0]).isEqualTo(1);
        assertThat(frequencies(1, 100, 1)[1]).isPositive();
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        double sum = 2 * Math.exp(2) + Math.exp(0.5) + 2 + Math.exp(-1); // 2 and 3 have 0.39 each, 0 has 0.09
        assertThat(frequencies(1, 0, 0.99 * Math.exp(2) / sum)[2]).isEqualTo(1);
        double[] two = frequencies(1, 0, 0.6);
        assertThat(two[2]).isCloseTo(0.5, within(0.01));
        assertThat(two[2] + two[3]).isEqualTo(1);
        double[] three = frequencies(1, 0, 0.8);
        assertThat(three[0]).isPositive();
        assertThat(three[2] + three[3] + three[0]).isEqualTo(1);
        // of the 2 that top-k left
        assertThat(frequencies(1, 2, 0.8)[0]).isZero();
    }

    @Test
    void topKDrawsWhatSortingTheWholeVocabularyDraws() {
        var random = new SplittableRandom(1);
        for (int k : new int[] {1, 2, 5, 40, 199, 200, 300}) {
            var selecting = new TokenSampler(new GenerateOptions(1, 0.8, k, 0.9, List.of(), k));
            var draws = new SplittableRandom(k);
            for (int i = 0; i < 50; i++) {
                float[] logits = new float[220]; // the last 20 are no candidates
                for (int t = 0; t < logits.length; t++) {
                    logits[t] = random.nextInt(60) / 10f - 3; // many are equal
                }
                assertThat(selecting.draw(logits, 200)).isEqualTo(sorting(logits, 200, k, draws.nextDouble()));
            }
        }
    }

    private static int sorting(float[] logits, int tokens, int k, double draw) {
        List<Integer> order = IntStream.range(0, tokens)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logits[i]))
                .limit(k)
                .toList();
        double[] upTo = new double[order.size()];
        double sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            sum += Math.exp((logits[order.get(i)] - (double) logits[order.getFirst()]) / 0.8);
            upTo[i] = sum;
        }
        double end = 0;
        for (int i = 0; end < 0.9 * sum; i++) {
            end = upTo[i];
        }
        int drawn = 0;
        while (upTo[drawn] < draw * end) {
            drawn++;
        }
        return order.get(drawn);
    }

    @Test
    void theSeedDecides() {
        assertThat(draws(7)).isEqualTo(draws(7)).isNotEqualTo(draws(8));
    }

    @Test
    void refusesWhatIsNoNumberAndBadOptions() {
        var sampler = new TokenSampler(GenerateOptions.defaults());
        float[] none = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
        assertThatThrownBy(() -> sampler.draw(none))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("-Infinity for every token");
        assertThatThrownBy(() -> sampler.draw(new float[] {0, Float.NaN}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got NaN");
        assertBad(0, 1, 0, 1, "max-tokens must be at least 1; got 0");
        assertBad(1, -0.1, 0, 1, "temperature must be 0 or more; got -0.1");
        assertBad(1, Double.NaN, 0, 1, "got NaN");
        assertBad(1, 1, -1, 1, "top-k must be at least 1");
        assertBad(1, 1, 0, 0, "top-p must be above 0 and at most 1; got 0.0");
        assertThatThrownBy(() -> new GenerateOptions(1, 1, 0, 1, List.of(""), 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got an empty one");
    }

    private static void assertBad(int tokens, double temperature, int topK, double topP, String message) {
        assertThatThrownBy(() -> new GenerateOptions(tokens, temperature, topK, topP, List.of(), 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private static double[] frequencies(double temperature, int topK, double topP) {
        var sampler = new TokenSampler(new GenerateOptions(1, temperature, topK, topP, List.of(), 3));
        double[] shares = new double[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            shares[sampler.draw(LOGITS)]++;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= DRAWS;
        }
        return shares;
    }

    private static List<Integer> draws(long seed) {
        var sampler = new TokenSampler(new GenerateOptions(1, 1, 0, 1, List.of(), seed));
        return java.util.stream.Stream.generate(() -> sampler.draw(LOGITS))
                .limit(50)
                .toList();
    }
}
