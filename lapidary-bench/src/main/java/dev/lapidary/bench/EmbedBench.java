package dev.lapidary.bench;

import dev.lapidary.count.Cost;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.Products;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sentence embeddings by the packaged encoder, without the cache: ours against the same model file called for one text at a time. */
final class EmbedBench implements Benchmark {
    private static final int TOKENS = 55;
    private static final double TOLERANCE = 1e-5; // of an embedding of length 1, float32 on both sides
    private static final double WARM_UP_SECONDS = 1;
    // all-MiniLM-L6-v2
    private static final int LAYERS = 6;
    private static final int WIDTH = 384;
    private static final int INNER = 1536;

    private final int texts;
    private final int repetitions;

    EmbedBench() {
        this(64, 7);
    }

    EmbedBench(int texts, int repetitions) {
        this.texts = texts;
        this.repetitions = repetitions;
    }

    @Override
    public String name() {
        return "embed";
    }

    @Override
    public String summary() {
        return "embeddings of texts of " + TOKENS + " tokens, against the same model called one text at a time";
    }

    @Override
    public Map<String, Object> run() {
        int threads = Runtime.getRuntime().availableProcessors();
        try (SideProcess product = ProductRate.start(threads);
                OnnxTextEncoder ours = OnnxTextEncoder.packaged()) {
            BenchTexts prose = new BenchTexts();
            List<String> mixed = prose.mixed(texts);
            ours.encode(mixed.subList(0, 1), Progress.silent()).close(); // prepares the libraries that both sides use
            List<String> even;
            Setting best;
            try (SingleTextEncoder counter = new SingleTextEncoder(1, false)) {
                even = prose.ofTokens(texts, TOKENS, counter::tokens);
                best = best(even.subList(0, Math.min(16, texts)), threads);
            }
            double rateBefore = product.number(Products.F32.name());
            Measured same = measure(even, ours, best);
            double rate = PairedTiming.median(new double[] {rateBefore, product.number(Products.F32.name())});
            Measured various = measure(mixed, ours, best);
            Map<String, Object> result = report(same, various, best, rate, threads);
            product.report(result);
            return result;
        }
    }

    /** How the reference runs. */
    private record Setting(int threads, boolean spinning) {
        SingleTextEncoder open() {
            return new SingleTextEncoder(threads, spinning);
        }
    }

    private static Setting best(List<String> some, int threads) {
        List<Setting> settings = new ArrayList<>(List.of(new Setting(1, false)));
        if (threads > 1) {
            settings.add(new Setting(threads, false));
            settings.add(new Setting(threads, true));
        }
        Setting best = settings.getFirst();
        double least = Double.POSITIVE_INFINITY;
        for (Setting setting : settings) {
            try (SingleTextEncoder reference = setting.open()) {
                double millis = PairedTiming.alone(referenceSide(reference, some), 0.5, 5);
                if (millis < least) {
                    least = millis;
                    best = setting;
                }
            }
        }
        return best;
    }

    private static PairedTiming.Side referenceSide(SingleTextEncoder reference, List<String> texts) {
        return new PairedTiming.Side(() -> texts.forEach(reference::embed), 1);
    }

    /** Times and floating point operations of one set of texts. */
    private record Measured(PairedTiming timing, double flops, long tokens, double difference) {
        double flopsPerSecond() {
            return flops / (timing.ourMillis() / 1e3);
        }

        Map<String, Object> entry(int texts, double rate) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("ratio", timing.ratio());
            entry.put("bound", flopsPerSecond() / rate);
            entry.put("ourMillis", timing.ourMillis());
            entry.put("referenceMillis", timing.referenceMillis());
            entry.put("tokensPerText", (double) tokens / texts);
            return entry;
        }
    }

    private Measured measure(List<String> some, OnnxTextEncoder ours, Setting setting) {
        try (SingleTextEncoder reference = setting.open();
                EncodedTexts encoded = ours.encode(some, Progress.silent())) {
            double difference = 0;
            double flops = 0;
            int[] tokens = Objects.requireNonNull(encoded.perText()).tokens();
            for (int i = 0; i < some.size(); i++) {
                difference = furthest(encoded.embeddings().row(i), reference.embed(some.get(i)), difference);
                flops += flops(tokens[i]);
            }
            var ourSide = new PairedTiming.Side(
                    () -> ours.encode(some, Progress.silent()).close(), 1);
            PairedTiming timing =
                    PairedTiming.measure(ourSide, referenceSide(reference, some), WARM_UP_SECONDS, repetitions);
            return new Measured(timing, flops, encoded.tokens(), difference);
        }
    }

    private static double furthest(float[] ours, float[] reference, double before) {
        double furthest = before;
        for (int j = 0; j < ours.length; j++) {
            double off = Math.abs((double) ours[j] - reference[j]);
            furthest = off <= furthest ? furthest : off; // NaN stays
        }
        return furthest;
    }

    /** Floating point operations of the network's products for a text of {@code tokens} tokens. */
    static double flops(int tokens) {
        Cost inner = Cost.linear(WIDTH, INNER, true).plus(Cost.linear(INNER, WIDTH, true));
        Cost layer = Cost.selfAttention(WIDTH, WIDTH, tokens, false).plus(inner.over(tokens));
        return 2.0 * layer.times(LAYERS).multiplyAdds();
    }

    private Map<String, Object> report(Measured same, Measured various, Setting best, double rate, int threads) {
        double difference = Math.max(same.difference(), various.difference());
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("ratio", same.timing().ratio());
        result.put(
                "reference",
                "the same model file in float32, one text a call, " + best.threads() + " thread"
                        + (best.threads() == 1 ? "" : "s, idle ones " + (best.spinning() ? "spinning" : "sleeping"))
                        + ", the best of three settings");
        result.put("bound", same.flopsPerSecond() / rate);
        result.put(
                "boundOf",
                "a 2048 x 2048 product in PyTorch, " + Math.round(rate / 1e9) + " GFLOP/s in the same run on as many"
                        + " threads; counted: products of the network, " + Math.round(flops(TOKENS) / 1e6)
                        + " MFLOP a text");
        result.put("ourMillis", same.timing().ourMillis());
        result.put("referenceMillis", same.timing().referenceMillis());
        result.put("textsPerSecond", texts / (same.timing().ourMillis() / 1e3));
        result.put("mixedLengths", various.entry(texts, rate));
        result.put("threads", threads);
        result.put("sizes", Map.of("texts", texts, "tokens", TOKENS, "width", WIDTH));
        result.put("repetitions", repetitions);
        result.put("equal", difference <= TOLERANCE);
        result.put("difference", difference);
        return result;
    }
}
