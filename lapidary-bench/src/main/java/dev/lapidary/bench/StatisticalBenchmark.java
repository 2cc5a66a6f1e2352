package dev.lapidary.bench;

import dev.lapidary.concept.bottleneck.ElasticNetPath;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.metric.ConfusionMatrix;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.torch.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The statistical benchmark of the specification, an evidence run: what the published losses, Concept Matrix Search and the NEC path
 * do on generated data whose concepts are known, over ten seeds of our own, beside the golden means and the statements that must
 * hold. The result also goes to docs/evidence/cbm-benchmark.json.
 */
final class StatisticalBenchmark implements Benchmark {
    private static final double RIDGE = 1e-2; // of the two dense probes, in units of standardised scores
    private static final double[] NECS = {2, 5, 10};

    private final int seeds;

    StatisticalBenchmark() {
        this(10);
    }

    StatisticalBenchmark(int seeds) {
        this.seeds = seeds;
    }

    @Override
    public String name() {
        return "cbm-benchmark";
    }

    @Override
    public String summary() {
        return "evidence run: the specification's statistical benchmark of losses, search and NEC path, " + seeds
                + " seeds";
    }

    @Override
    public Map<String, Object> run() {
        Map<String, Object> result = measure();
        Path file = ProjectFiles.home().resolve("docs/evidence/cbm-benchmark.json");
        try {
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            var writer = new JsonMapper().writerWithDefaultPrettyPrinter();
            AtomicFiles.writeString(file, writer.writeValueAsString(result) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.err.println(name() + ": written to " + file);
        return result;
    }

    Map<String, Object> measure() {
        Torch.load();
        List<Map<String, Double>> all = new ArrayList<>();
        for (long seed = 0; seed < seeds; seed++) {
            all.add(seed(seed));
            System.err.printf("seed %d of %d%n", seed + 1, seeds);
        }
        return report(all);
    }

    /** All figures of one seed. */
    static Map<String, Double> seed(long seed) {
        BenchmarkWorld world = new BenchmarkWorld(seed);
        Map<String, Double> values = new LinkedHashMap<>();
        withoutTraining(world, values);
        sparseHeads(world, values);
        BenchmarkBottleneck raw = new BenchmarkBottleneck(world, false, seed);
        BenchmarkBottleneck standardised = new BenchmarkBottleneck(world, true, seed);
        Map<String, BottleneckLoss> losses = new LinkedHashMap<>();
        losses.put("ce", new BottleneckLoss.None());
        losses.put("l1", new BottleneckLoss.L1(1e-3));
        losses.put("contrastive", new BottleneckLoss.Contrastive());
        losses.put("gumbel", new BottleneckLoss.Gumbel(1));
        losses.put("similarity", new BottleneckLoss.Similarity(false));
        losses.forEach((name, loss) -> {
            values.putAll(raw.fused(loss, true).values(name));
            values.putAll(standardised.fused(loss, true).values(name + "_std"));
        });
        values.putAll(raw.fused(new BottleneckLoss.Gumbel(1), false).values("gumbel_frozenhead"));
        var strong = new BottleneckLoss.L1(BenchmarkBottleneck.STRONG_L1 * BenchmarkWorld.CONCEPTS);
        values.putAll(standardised.fused(strong, true).values("l1_strong_subgrad_std"));
        values.putAll(standardised.proximal().values("prox_l1_std"));
        return values;
    }

    private static void withoutTraining(BenchmarkWorld world, Map<String, Double> values) {
        int[] labels = world.test().labels();
        try (EmbeddingMatrix items = world.test().matrix();
                EmbeddingMatrix concepts = EmbeddingMatrix.of(world.conceptTexts());
                EmbeddingMatrix classes = EmbeddingMatrix.of(world.classTexts())) {
            // with the class names as concepts the rule max is zero-shot: each name is nearest to itself
            var names = ConceptMatrixSearch.fit(classes, classes, null, null, ConceptMatrixSearch.UNGUARDED);
            var search = ConceptMatrixSearch.fit(concepts, classes, null, null, ConceptMatrixSearch.UNGUARDED);
            values.put("zeroshot", accuracy(names, items, Normalisation.NONE, Rule.MAX, labels));
            values.put("cms_row", accuracy(search, items, Normalisation.ROW, Rule.COSINE, labels));
            values.put("cms_col", accuracy(search, items, Normalisation.COLUMN, Rule.COSINE, labels));
            values.put("cms_max", accuracy(search, items, Normalisation.ROW, Rule.MAX, labels));
        }
    }

    private static double accuracy(
            ConceptMatrixSearch search, EmbeddingMatrix items, Normalisation normalisation, Rule rule, int[] labels) {
        return accuracy(
                search.classify(items, null, new Variant(normalisation, rule)).predictions(), labels);
    }

    private static double accuracy(int[] predictions, int[] labels) {
        return ConfusionMatrix.of(labels, predictions, BenchmarkWorld.CLASSES).accuracy();
    }

    private static void sparseHeads(BenchmarkWorld world, Map<String, Double> values) {
        int[] trained = world.train().labels();
        int[] labels = world.test().labels();
        int k = BenchmarkWorld.CLASSES;
        try (EmbeddingMatrix train = world.train().matrix();
                EmbeddingMatrix test = world.test().matrix()) {
            var embedding = ElasticNetPath.dense(train, trained, k, null, RIDGE);
            values.put("probe_embedding", accuracy(embedding.predict(test, null), labels));
            var concepts = ElasticNetPath.dense(train, trained, k, world.conceptTexts(), RIDGE);
            values.put("probe_concepts", accuracy(concepts.predict(test, null), labels));
            double most = NECS[NECS.length - 1];
            var named = ElasticNetPath.fit(train, trained, k, world.conceptTexts(), most);
            var random = ElasticNetPath.fit(train, trained, k, world.randomDirections(), most);
            for (double nec : NECS) {
                String key = "ANEC" + Math.round(nec);
                values.put(key, accuracy(named.at(nec).predict(test, null), labels));
                values.put(key + "_random", accuracy(random.at(nec).predict(test, null), labels));
            }
        }
    }

    private Map<String, Object> report(List<Map<String, Double>> all) {
        JsonNode golden = golden();
        Map<String, Double> means = new LinkedHashMap<>();
        Map<String, Object> figures = new LinkedHashMap<>();
        for (String key : all.getFirst().keySet()) {
            double[] values = all.stream()
                    .mapToDouble(seed -> Objects.requireNonNull(seed.get(key)))
                    .toArray();
            double mean = Arrays.stream(values).average().orElseThrow();
            double squares =
                    Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
            means.put(key, mean);
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("mean", round(mean));
            figure.put("sd", round(Math.sqrt(squares / Math.max(1, values.length - 1))));
            figure.put("goldenMean", golden.get("results").get(key).get(0).asDouble());
            figure.put("goldenSd", golden.get("results").get(key).get(1).asDouble());
            figures.put(key, figure);
        }
        List<Map<String, Object>> statements = statements(golden, means);
        boolean held = statements.stream().allMatch(s -> Boolean.TRUE.equals(s.get("held")));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("reference", "golden means over 10 seeds of another random generator");
        result.put("seeds", seeds);
        result.put("statements", statements);
        result.put("note", note(means));
        result.put("figures", figures);
        result.put("notProduced", Map.of("cms_center", "centring is no variant of the paper or its code, nor of ours"));
        result.put(
                "chosenHere",
                Map.of(
                        "probeRidge",
                        RIDGE,
                        "strongL1",
                        BenchmarkBottleneck.STRONG_L1,
                        "proximalShrinkPerStep",
                        BenchmarkBottleneck.SHRINK,
                        "why",
                        "the golden data name no strengths; these were chosen for its share of zeros and deviation, on seeds that are not reported"));
        result.put("equal", held);
        result.put("equalMeans", "every statement that must hold on the mean of the seeds does");
        return result;
    }

    private static String note(Map<String, Double> means) {
        double named = value(means, "ANEC2");
        double random = value(means, "ANEC2_random");
        return String.format(
                Locale.ROOT,
                "At 2 concepts per class named concepts reach %.3f and random directions %.3f: %s.",
                named,
                random,
                named > random
                        ? "here concepts are ahead, unlike in the golden run; neither difference is claimed"
                        : "concepts are not better than random at such sparsity");
    }

    private static double round(double value) {
        return Math.round(value * 1e4) / 1e4;
    }

    private static double value(Map<String, Double> means, String key) {
        return Objects.requireNonNull(means.get(key), key);
    }

    /** A statement: a margin of the means that must be positive (where named so, at least 0). */
    private record Statement(ToDoubleFunction<Map<String, Double>> margin, Predicate<Double> holds) {
        static Statement positive(ToDoubleFunction<Map<String, Double>> margin) {
            return new Statement(margin, m -> m > 0);
        }
    }

    /** In the order of the golden file. */
    private static final List<Statement> STATEMENTS = List.of(
            Statement.positive(m -> value(m, "cms_col") - value(m, "cms_row") - 0.04),
            Statement.positive(m -> value(m, "cms_row") - value(m, "cms_max") - 0.1),
            Statement.positive(m -> 0.25 * value(m, "ce.std") - value(m, "gumbel.std")),
            Statement.positive(m -> value(m, "ce.hoyer") + 0.02 - value(m, "gumbel.hoyer")),
            Statement.positive(m -> 0.01 - Math.abs(value(m, "l1.acc") - value(m, "ce.acc"))),
            Statement.positive(m -> value(m, "gumbel.acc") - value(m, "gumbel_frozenhead.acc") - 0.1),
            Statement.positive(m -> value(m, "gumbel_std.acc") - value(m, "gumbel.acc") - 0.12),
            Statement.positive(m ->
                    value(m, "l1_strong_subgrad_std.zeroW") == 0 ? value(m, "prox_l1_std.zeroW") - 0.3 : Double.NaN),
            Statement.positive(m -> value(m, "ANEC5") - value(m, "ANEC5_random")),
            Statement.positive(
                    m -> Math.min(value(m, "ANEC10") - value(m, "ANEC5"), value(m, "ANEC5") - value(m, "ANEC2"))),
            new Statement(m -> value(m, "probe_embedding") - value(m, "ANEC10") + 0.02, m -> m >= 0));

    private static List<Map<String, Object>> statements(JsonNode golden, Map<String, Double> means) {
        JsonNode texts = golden.get("statements");
        if (texts.size() != STATEMENTS.size()) {
            throw new IllegalStateException(
                    "there must be " + STATEMENTS.size() + " golden statements; got " + texts.size());
        }
        List<Map<String, Object>> list = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            double margin = STATEMENTS.get(i).margin().applyAsDouble(means);
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("statement", texts.get(i).asString());
            entry.put("margin", round(margin));
            entry.put("held", STATEMENTS.get(i).holds().test(margin));
            list.add(entry);
        }
        return list;
    }

    private static JsonNode golden() {
        try (InputStream in = StatisticalBenchmark.class.getResourceAsStream("cbm-benchmark-golden.json")) {
            return new JsonMapper().readTree(Objects.requireNonNull(in, "cbm-benchmark-golden.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
