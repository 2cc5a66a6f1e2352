package dev.lapidary.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {
    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void anyNumberOfThreadsGivesTheSameBits(ModelFamily family) {
        for (boolean sparse : new boolean[] {true, false}) {
            List<float[]> expected = null;
            for (int threads = 1; threads <= 3; threads++) {
                try (Model model = SmallDecoders.model(wide(family), WeightType.F32, sparse, threads);
                        Session session = model.newSession(90)) {
                    List<float[]> logits = List.of(
                            session.read(SmallDecoders.tokens(81, 1)).clone(),
                            session.read(7).clone());
                    expected = expected == null ? logits : expected;
                    assertThat(logits.getFirst()).isEqualTo(expected.getFirst());
                    assertThat(logits.getLast()).isEqualTo(expected.getLast());
                }
            }
        }
    }

    @Test
    void aScoreThatIsNoNumberIsRefused() {
        ModelConfig config = SmallDecoders.config(ModelFamily.LLAMA);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            DecoderWeights damaged = new Damaged(new SmallDecoders.RandomWeights(config, WeightType.F32, false), bad);
            try (Model model = Model.of(config, damaged, null, 1)) {
                assertThatThrownBy(() -> model.score(new int[] {1, 5, 7}, Cancellation.none()))
                        .isInstanceOf(InputException.class)
                        .hasMessage("the model's log-probabilities must be finite; got NaN for token 5 at place 1");
            }
        }
    }

    /** Gives one bad number in every vector. */
    private record Damaged(DecoderWeights whole, float bad) implements DecoderWeights {
        @Override
        public WeightMatrix matrix(String name) {
            return whole.matrix(name);
        }

        @Override
        public float[] vector(String name) {
            float[] values = whole.vector(name);
            values[0] = bad;
            return values;
        }

        @Override
        public void close() {
            whole.close();
        }
    }

    /** Wide enough that several threads share the work. */
    static ModelConfig wide(ModelFamily family) {
        ModelConfig small = SmallDecoders.config(family);
        return new ModelConfig(
                family,
                small.vocabulary(),
                256,
                2,
                8,
                family == ModelFamily.GPT2 ? 8 : 2,
                32,
                512,
                small.context(),
                small.trainedContext(),
                small.normEpsilon(),
                small.activation(),
                small.rotaryBase(),
                small.rotaryScaling(),
                small.attentionBias(),
                small.outputBias(),
                small.mlpBias(),
                small.tiedEmbeddings(),
                small.beginToken(),
                small.endTokens());
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void aTruncatedTextIsAsIfReadAnew(ModelFamily family) {
        int[] common = SmallDecoders.tokens(70, 2);
        int[] rest = SmallDecoders.tokens(9, 3);
        try (Model model = SmallDecoders.sparse(family, 2);
                Session used = model.newSession(100);
                Session fresh = model.newSession(100)) {
            used.read(common);
            used.read(SmallDecoders.tokens(20, 4));
            used.truncate(common.length);
            fresh.read(common);

            assertThat(used.length()).isEqualTo(70);
            assertThat(used.read(rest)).isEqualTo(fresh.read(rest));
            used.truncate(0);
            fresh.truncate(0);
            assertThat(used.read(rest)).isEqualTo(fresh.read(rest));
            assertThat(used.length()).isEqualTo(9);
        }
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void tokensOneByOneGiveTheLogitsOfAllAtOnce(ModelFamily family) {
        int[] tokens = SmallDecoders.tokens(130, 5);
        try (Model model = SmallDecoders.dense(family, 1);
                Session all = model.newSession();
                Session single = model.newSession()) {
            float[] expected = all.read(tokens);
            float[] logits = new float[0];
            for (int token : tokens) {
                logits = single.read(token);
            }
            for (int i = 0; i < logits.length; i++) {
                assertThat(logits[i]).isCloseTo(expected[i], within(2e-3f));
            }
        }
    }

    @Test
    void eightSessionsAtOnceGiveWhatEachGivesAlone() throws InterruptedException, ExecutionException {
        try (Model model = SmallDecoders.sparse(ModelFamily.LLAMA, 2);
                var pool = Executors.newFixedThreadPool(8)) {
            List<Future<float[]>> futures = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long seed = i;
                futures.add(pool.submit(() -> run(model, seed)));
            }
            for (int i = 0; i < 8; i++) {
                assertThat(futures.get(i).get()).isEqualTo(run(model, i));
            }
        }
    }

    private static float[] run(Model model, long seed) {
        try (Session session = model.newSession(120)) {
            session.read(SmallDecoders.tokens(40 + (int) seed, seed));
            for (int token : SmallDecoders.tokens(50, -seed)) {
                session.read(token);
            }
            return session.read((int) seed).clone();
        }
    }

    @Test
    void closingGivesTheMemoryBack() {
        try (Model model = SmallDecoders.sparse(ModelFamily.QWEN3, 1)) {
            for (int i = 0; i < 20; i++) {
                run(model, i);
            }
            assertThat(300 * model.sessionBytes(120)).isGreaterThan(50L << 20);
            long least =
                    Long.MAX_VALUE; // growth by 300 sessions; the Java heap may grow meanwhile, but not in every round
            for (int round = 0; round < 12 && least >= 40L << 20; round++) {
                long before = ProcessMemory.resident();
                for (int i = 0; i < 300; i++) {
                    run(model, 1);
                }
                least = Math.min(least, ProcessMemory.resident() - before);
            }
            assertThat(least).isLessThan(40L << 20);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Model model = SmallDecoders.dense(ModelFamily.LLAMA, 1);
                Session session = model.newSession(5)) {
            session.read(1, 2, 3);

            assertThatThrownBy(() -> session.read(1, 2, 3))
                    .isInstanceOf(InputException.class)
                    .hasMessage("tokens to read must be from 1 to 2; got 3");
            assertThatThrownBy(() -> session.read()).hasMessage("tokens to read must be from 1 to 2; got 0");
            assertThatThrownBy(() -> session.read(97)).hasMessageContaining("got token 97 and 97 rows");
            assertThatThrownBy(() -> session.read(-1)).isInstanceOf(InputException.class);
            assertThatThrownBy(() -> session.truncate(4)).hasMessageContaining("got 4");
            assertThatThrownBy(() -> model.newSession(SmallDecoders.CONTEXT + 1))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got 161");
            assertThat(session.length()).isEqualTo(3);
            assertThat(session.read(1)).hasSize(97);
        }
    }

    @Test
    void aCancelledReadingKeepsTheBlocksBefore() {
        try (Model model = SmallDecoders.dense(ModelFamily.LLAMA, 1);
                Session session = model.newSession()) {
            float[] expected = session.read(SmallDecoders.tokens(30, 1)).clone();
            session.truncate(0);
            var cancellation = new Cancellation();
            cancellation.cancel();

            assertThatThrownBy(() -> session.read(SmallDecoders.tokens(100, 2), cancellation))
                    .isInstanceOf(CancellationException.class);

            assertThat(session.length()).isZero();
            assertThat(session.read(SmallDecoders.tokens(30, 1))).isEqualTo(expected);
        }
    }

    @Test
    void closingAModelClosesItsSessionsAndWeightsOnce() {
        ModelConfig config = SmallDecoders.config(ModelFamily.LLAMA);
        var weights = new SmallDecoders.RandomWeights(config, WeightType.F32, false);
        Model model = Model.of(config, weights, null, 2);
        Session session = model.newSession();
        session.read(1);

        model.close();
        model.close();

        assertThat(weights.closed()).isTrue();
        assertThatThrownBy(() -> session.read(1)).hasMessageContaining("closed");
        assertThatThrownBy(model::newSession).isInstanceOf(IllegalStateException.class);
        session.close();
    }

    @Test
    void refusesWeightsOfAnotherShape() {
        ModelConfig config = SmallDecoders.config(ModelFamily.LLAMA);
        var other = new SmallDecoders.RandomWeights(
                ModelConfig.llama(SmallDecoders.VOCABULARY, 96, 2, 4, 10), WeightType.F32, false);

        assertThatThrownBy(() -> Model.of(config, other, null, 1))
                .isInstanceOf(InputException.class)
                .hasMessage("model.embed_tokens.weight must have shape [97, 64]; got [97, 96]");
        assertThat(other.closed()).isFalse();
        other.close();
    }
}
