package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.model.Session;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoders in pure Java against the same weights on PyTorch. */
class RuntimeModelTest {
    private static final int LENGTH = 40;

    static Set<String> names() {
        return TinyModels.configs().keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    void logitsAreThoseOfPyTorchWithTheWeightsThatWereKept(String name) {
        double allowed = allowed(name, 5);
        for (WeightType type : WeightType.packed()) {
            try (LanguageModel reference = TinyModels.random(name, 5);
                    Model dense = PackedParameters.dense(reference, type, 2)) {
                assertThat(difference(reference, dense)).isLessThan(allowed);
                try (Model sparse = PackedParameters.sparse(reference, type, 2)) {
                    assertThat(difference(reference, sparse)).isLessThan(allowed);
                }
            }
        }
    }

    /**
     * How far logits of two engines in float32 may be apart, over their spread: twice three times the most that the formula errs where
     * its operations are rounded by chance. Weights rounded to another type or masked change little in that.
     */
    private static double allowed(String name, long seed) {
        try (LanguageModel model = TinyModels.random(name, seed)) {
            long[] tokens = TinyModels.tokens(LENGTH, 1);
            double[][] exact = new DecoderReference(model).logits(tokens);
            double error = 0;
            for (int draw = 0; draw < 4; draw++) {
                double[][] rounded = DecoderReference.rounded(model, draw).logits(tokens);
                for (int i = 0; i < LENGTH; i++) {
                    error = Math.max(error, off(rounded[i], exact[i]));
                }
            }
            assertThat(error).isBetween(1e-6, 1e-4); // the same on every machine
            return 2 * 3 * error;
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void roundedWeightsMoveLogitsLittle(String name) {
        try (LanguageModel reference = TinyModels.random(name, 7)) {
            double[][] exact = logits(reference, tokens(LENGTH, 1));
            PackedParameters.dense(reference, WeightType.BF16, 1).close();
            assertThat(moved(exact, logits(reference, tokens(LENGTH, 1)))).isLessThan(0.05);
        }
        try (LanguageModel reference = TinyModels.random(name, 7)) {
            double[][] exact = logits(reference, tokens(LENGTH, 1));
            PackedParameters.dense(reference, WeightType.INT8, 1).close();
            assertThat(moved(exact, logits(reference, tokens(LENGTH, 1)))).isLessThan(0.2);
        }
    }

    /** The root of the mean square of the differences, over that of the logits. */
    private static double moved(double[][] exact, double[][] rounded) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < exact.length; i++) {
            for (int k = 0; k < exact[i].length; k++) {
                squares += Math.pow(rounded[i][k] - exact[i][k], 2);
                all += Math.pow(exact[i][k], 2);
            }
        }
        return Math.sqrt(squares / all);
    }

    @ParameterizedTest
    @MethodSource("names")
    void perplexityIsPyTorchs(String name) {
        int[] tokens = tokens(310, 3);
        double allowed = 4 * allowed(name, 8); // logits are spread by some 2, and a loss moves with two of them
        try (LanguageModel reference = TinyModels.random(name, 8);
                Model model = PackedParameters.dense(reference, WeightType.F32, 1)) {
            for (Protocol protocol : Protocol.values()) {
                var expected = Perplexity.measure(
                        reference, tokens, protocol, 45, OptionalInt.of(1), Progress.silent(), Cancellation.none());
                var measured = model.perplexity(
                        tokens, protocol, 45, OptionalInt.of(1), Progress.silent(), Cancellation.none());

                assertThat(measured.perplexity())
                        .isCloseTo(expected.perplexity(), within(allowed * expected.perplexity()));
                assertThat(measured.scored()).isEqualTo(expected.scored());
                assertThat(measured.windows()).isEqualTo(expected.windows());
            }
        }
    }

    @Test
    void scoresAreLogProbabilities() {
        int[] tokens = tokens(30, 4);
        double allowed = 4 * allowed("llama grouped", 8); // as for perplexities
        try (LanguageModel reference = TinyModels.random("llama grouped", 8);
                Model model = PackedParameters.dense(reference, WeightType.F32, 1)) {
            double[] scores = model.score(tokens, Cancellation.none());

            double[][] logits = logits(reference, tokens);
            assertThat(scores).hasSize(29);
            for (int i = 0; i < scores.length; i++) {
                double sum = Arrays.stream(logits[i]).map(Math::exp).sum();
                assertThat(scores[i]).isCloseTo(logits[i][tokens[i + 1]] - Math.log(sum), within(allowed));
            }
        }
    }

    /** The largest difference of a logit to its counterpart, over the spread of the logits, position by position and in blocks. */
    private static double difference(LanguageModel reference, Model model) {
        int[] tokens = tokens(LENGTH, 1);
        double[][] expected = logits(reference, tokens);
        double furthest = 0;
        try (Session session = model.newSession(LENGTH)) {
            for (int start : new int[] {0, 17}) {
                session.truncate(0);
                if (start > 0) {
                    furthest = Math.max(furthest, off(session.read(Arrays.copyOf(tokens, start)), expected[start - 1]));
                }
                for (int i = start; i < tokens.length; i++) {
                    furthest = Math.max(furthest, off(session.read(tokens[i]), expected[i]));
                }
            }
        }
        return furthest;
    }

    private static double off(float[] logits, double[] expected) {
        double[] widened = new double[logits.length];
        Arrays.setAll(widened, i -> logits[i]);
        return off(widened, expected);
    }

    private static double off(double[] logits, double[] expected) {
        double mean = Arrays.stream(expected).average().orElseThrow();
        double spread = Math.sqrt(Arrays.stream(expected)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow());
        double furthest = 0;
        for (int i = 0; i < logits.length; i++) {
            double off = Math.abs(logits[i] - expected[i]) / spread;
            furthest = off <= furthest ? furthest : off; // NaN stays
        }
        return furthest;
    }

    private static double[][] logits(LanguageModel reference, int[] tokens) {
        try (var scope = TorchScope.open()) {
            long[] ids = Arrays.stream(tokens).asLongStream().toArray();
            double[] all = Tensors.toDoubles(reference.logits(reference.hidden(Tensors.of(ids, 1, ids.length))));
            int vocabulary = all.length / ids.length;
            double[][] rows = new double[ids.length][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * vocabulary, (i + 1) * vocabulary));
            return rows;
        }
    }

    private static int[] tokens(int count, long seed) {
        return Arrays.stream(TinyModels.tokens(count, seed))
                .mapToInt(id -> (int) id)
                .toArray();
    }
}
