package dev.lapidary.bench;

import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.Session;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tokens per second of a decoder of TinyLlama 1.1B's shape with 2:4 weights against dense weights of the same type. */
final class DecodeBench implements Benchmark {
    private static final int CONTEXT = 128;
    private static final int PROMPT = 16; // tokens
    private static final int BLOCK = 8; // tokens in a row of one side
    private static final int REPETITIONS = 7;
    private static final double WARM_UP_SECONDS = 8;

    private final WeightType type;

    DecodeBench(WeightType type) {
        this.type = type;
    }

    @Override
    public String name() {
        return "decode-" + type;
    }

    @Override
    public String summary() {
        return "tokens per second of a 1.1B Llama in pure Java, packed 2:4 against dense, both " + type;
    }

    /** One side: a text that is read token by token, and started again where its context is full. */
    private static final class Side implements AutoCloseable {
        private final DecodeModel.Made made;
        private final Session session;
        private final int[] token = new int[1];

        Side(DecodeModel.Made made) {
            this.made = made;
            this.session = made.model().newSession(CONTEXT);
            begin();
        }

        private void begin() {
            int[] prompt = new int[PROMPT];
            Arrays.setAll(prompt, i -> i + 1);
            session.truncate(0);
            session.read(prompt);
        }

        /** Returns the tokens per second of a block. */
        double block() {
            if (session.length() + BLOCK > CONTEXT) {
                begin();
            }
            long start = System.nanoTime();
            for (int i = 0; i < BLOCK; i++) {
                float[] logits = session.read(token);
                token[0] = likeliest(logits);
                if (!Float.isFinite(logits[token[0]])) {
                    throw new IllegalStateException("logits must be finite; got " + logits[token[0]]);
                }
            }
            return BLOCK * 1e9 / (System.nanoTime() - start);
        }

        private static int likeliest(float[] logits) {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            return best;
        }

        @Override
        public void close() {
            session.close();
            made.close();
        }
    }

    @Override
    public Map<String, Object> run() {
        int threads = Runtime.getRuntime().availableProcessors();
        try (Side sparse = new Side(DecodeModel.make(type, true, threads));
                Side dense = new Side(DecodeModel.make(type, false, threads))) {
            BoundedTiming timing = BoundedTiming.measure(
                    new BoundedTiming.Side(sparse::block, sparse.made.bytes()),
                    new BoundedTiming.Side(dense::block, dense.made.bytes()),
                    WARM_UP_SECONDS,
                    threads,
                    REPETITIONS);
            return result(sparse, dense, timing, threads);
        }
    }

    private Map<String, Object> result(Side sparse, Side dense, BoundedTiming timing, int threads) {
        double ideal = (double) dense.made.bytes() / sparse.made.bytes();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        timing.report(result);
        result.put("reference", "the same model in the same process with dense " + type + " weights");
        result.put("tokensPerSecond", timing.ourSpeed());
        result.put("denseTokensPerSecond", timing.referenceSpeed());
        result.put("bytesPerToken", sparse.made.bytes());
        result.put("denseBytesPerToken", dense.made.bytes());
        result.put("idealRatio", ideal);
        result.put("shareOfIdeal", timing.ratio() / ideal);
        result.put("threads", threads);
        result.put(
                "sizes",
                "vocabulary 32,000, width 2048, 22 layers, 32 heads, 4 key-value heads, MLP 5632, context 128; weights in a mapped file");
        result.put("tokensPerRepetition", BLOCK);
        return result;
    }
}
