package dev.lapidary.bench;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of speed: one table a topic, from the results of the benchmarks. */
final class SpeedPage {
    static final String PLOT = "benchmarks-growth.svg";
    static final String SCALE = "scale";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern RATE = Pattern.compile("([0-9.]+) (GB/s|GFLOP/s)");
    private static final MathContext DIGITS = new MathContext(3);

    /** What the names of fields mean to a reader. */
    private static final Map<String, String> HEADINGS = Map.ofEntries(
            Map.entry("ratio", "ratio"),
            Map.entry("bound", "share of the limit"),
            Map.entry("ourMillis", "ours, ms"),
            Map.entry("referenceMillis", "compared, ms"),
            Map.entry("timeRatio", "ratio of times"),
            Map.entry("processRatio", "ratio of whole processes' memory"),
            Map.entry("ourBytes", "ours, MB"),
            Map.entry("referenceBytes", "compared, MB"),
            Map.entry("peakBytes", "peak memory, MB"),
            Map.entry("predictedPeakBytes", "predicted peak, MB"),
            Map.entry("tokensPerSecond", "tokens a second"),
            Map.entry("denseTokensPerSecond", "dense tokens a second"),
            Map.entry("idealRatio", "ratio of bytes read"),
            Map.entry("ratioOfBytes", "ratio of bytes read"),
            Map.entry("nanosecondsPerWeightPerCore", "ns a weight and core"),
            Map.entry("bytesPerWeight", "bytes a weight"),
            Map.entry("bf16Ratio", "ratio in bfloat16"),
            Map.entry("textsPerSecond", "texts a second"),
            Map.entry("imagesPerSecond", "images a second"),
            Map.entry("decodedPerSecond", "decoded a second"),
            Map.entry("encodedPerSecond", "encoded a second"),
            Map.entry("megapixelsPerSecond", "megapixels a second"),
            Map.entry("readSeconds", "reading, s"),
            Map.entry("trainSeconds", "training, s"),
            Map.entry("evaluateSeconds", "evaluating, s"),
            Map.entry("linearProbe", "linear probe"),
            Map.entry("nec", "NEC"),
            Map.entry("parts", "parts of the predicted peak, MB"),
            Map.entry("timeExponent", "exponent of time"),
            Map.entry("memoryExponent", "exponent of memory"));

    /** A table: its benchmarks are those whose name is one of these or one of these with a suffix after a hyphen. */
    private record Topic(String title, String text, List<String> benchmarks, List<String> extra) {
        boolean has(String name) {
            return benchmarks.stream().anyMatch(each -> name.equals(each) || name.startsWith(each + "-"));
        }
    }

    private static final List<Topic> TOPICS = List.of(
            new Topic(
                    "Running packed models",
                    "A 2:4 model against the same model with dense weights, both ours, in one process, a token at a time.",
                    List.of("decode"),
                    List.of("tokensPerSecond", "denseTokensPerSecond", "idealRatio")),
            new Topic(
                    "Products of matrices",
                    "One input (`gemv`) and a whole prompt (`prefill`). `gemv` is 2:4 against dense, both ours; `prefill` is"
                            + " ours against PyTorch.",
                    List.of("gemv", "prefill"),
                    List.of("ratioOfBytes")),
            new Topic(
                    "Learning masks",
                    "Drawing masks, updating their logits, and a whole step of training.",
                    List.of("mask-sampling", "mask-update", "mask-step"),
                    List.of("nanosecondsPerWeightPerCore", "bytesPerWeight", "bf16Ratio")),
            new Topic(
                    "Training language models",
                    "The loss over a vocabulary and its gradient. Here the ratio is that of memory: how many times less ours"
                            + " takes.",
                    List.of("cut-cross-entropy"),
                    List.of("timeRatio", "ourBytes", "referenceBytes")),
            new Topic(
                    "Concept methods",
                    "Searching the matrix of items by concepts, and one step of training a bottleneck.",
                    List.of("concept-search", "concepts-train"),
                    List.of()),
            new Topic(
                    "Reading texts and images",
                    "From texts and image files to embeddings.",
                    List.of("embed", "images"),
                    List.of("textsPerSecond", "imagesPerSecond")),
            new Topic(
                    "Growth with the data",
                    "A concept classifier trained on more and more items in a heap of 1 GB. Here the ratio is that of items a"
                            + " second, largest against smallest size: 1 would be time in proportion to the items.",
                    List.of(SCALE),
                    List.of("timeExponent", "memoryExponent", "peakBytes")));

    private SpeedPage() {}

    /** Returns the page of a folder of results. */
    static String page(Path folder) throws IOException {
        StringBuilder page = new StringBuilder("""
                # Speed

                Generated by `./lapidary bench result-pages` from the files in `docs/evidence/bench`, each the last line of
                `./lapidary bench NAME --json`. Do not edit.

                - **ratio**: how many times faster ours is than what it is compared with; below 1 it is slower. Both are timed in
                  turn in one run; times are medians of one call.
                - **share of the limit**: how much of what the machine can do at all was reached; the limit is measured in the same
                  run. A share above 100 % says that the limit was measured at a worse moment.
                - **machine**: threads, the limit measured, vectors, and the kernels that PyTorch's OpenBLAS chose where they were
                  recorded. All on 2 shared Zen 4 cores.

                """);
        Map<String, JsonNode> results = results(folder);
        for (Topic topic : TOPICS) {
            Map<String, JsonNode> chosen = new LinkedHashMap<>();
            topic.benchmarks.forEach(start -> results.forEach((name, result) -> {
                if (name.equals(start) || name.startsWith(start + "-")) {
                    chosen.putIfAbsent(name, result);
                }
            }));
            topic(page, topic, chosen);
        }
        Map<String, JsonNode> others = new LinkedHashMap<>(results);
        others.keySet().removeIf(name -> TOPICS.stream().anyMatch(topic -> topic.has(name)));
        topic(page, new Topic("Other benchmarks", "", List.of(), List.of()), others);
        return page.toString();
    }

    /** Results by name, in alphabetical order. */
    static Map<String, JsonNode> results(Path folder) throws IOException {
        Map<String, JsonNode> results = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (var files = Files.newDirectoryStream(folder, "*.json")) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    results.put(
                            name.substring(0, name.length() - ".json".length()), JSON.readTree(Files.readString(file)));
                }
            }
        }
        return results;
    }

    private static void topic(StringBuilder page, Topic topic, Map<String, JsonNode> results) {
        if (results.isEmpty()) {
            return;
        }
        page.append("## ").append(topic.title).append("\n\n");
        if (!topic.text.isEmpty()) {
            page.append(topic.text).append("\n\n");
        }
        List<String> extra = topic.extra.stream()
                .filter(field -> results.values().stream().anyMatch(result -> result.has(field)))
                .toList();
        List<String> columns = new ArrayList<>(
                List.of("benchmark", "compared with", "ours, ms", "compared, ms", "ratio", "share of the limit"));
        extra.forEach(field -> columns.add(HEADINGS.getOrDefault(field, field)));
        columns.add("same results");
        columns.add("machine");
        head(page, columns);
        results.forEach((name, result) -> {
            List<String> row = new ArrayList<>(List.of(
                    "[" + name + "](evidence/bench/" + name + ".json)",
                    ResultPages.text(result.path("reference")),
                    figure("ourMillis", result.path("ourMillis")),
                    figure("referenceMillis", result.path("referenceMillis")),
                    "**" + figure("ratio", result.path("ratio")) + "**",
                    figure("bound", result.path("bound"))));
            extra.forEach(field -> row.add(figure(field, result.path(field))));
            row.add(same(result.path("equal")));
            row.add(machine(result));
            row(page, row);
        });
        page.append('\n');
        results.forEach((name, result) -> notes(page, name, result));
        gap(page);
        results.forEach((name, result) -> details(page, name, result));
        if (results.containsKey(SCALE)) {
            page.append("![Seconds and memory against items, beside growth in proportion](")
                    .append(PLOT)
                    .append(")\n\n");
        }
    }

    private static String same(JsonNode equal) {
        if (equal.isMissingNode()) {
            return "not compared";
        }
        return equal.asBoolean(false) ? "yes" : "**no**";
    }

    private static void notes(StringBuilder page, String name, JsonNode result) {
        List<String> notes = new ArrayList<>();
        if (result.has("sizes")) {
            notes.add("sizes: " + ResultPages.text(result.path("sizes")));
        }
        for (String field : List.of("boundOf", "memoryOf", "equalMeans")) {
            if (result.has(field)) {
                String what = field.equals("boundOf") ? "limit" : field.equals("memoryOf") ? "memory" : "same results";
                notes.add(what + ": " + withShortNumbers(ResultPages.text(result.path(field))));
            }
        }
        if (!notes.isEmpty()) {
            page.append("- ")
                    .append(name)
                    .append(": ")
                    .append(String.join("; ", notes))
                    .append("\n");
        }
    }

    /** Every field that holds several results, as a table of its own. */
    private static void details(StringBuilder page, String name, JsonNode result) {
        result.properties().forEach(field -> {
            Map<String, JsonNode> rows = rows(field.getKey(), field.getValue());
            if (!rows.isEmpty()) {
                gap(page);
                page.append(name)
                        .append(", ")
                        .append(HEADINGS.getOrDefault(field.getKey(), words(field.getKey())))
                        .append(":\n\n");
                table(page, rows, field.getKey().equals("parts") ? "partBytes" : "");
            }
        });
        gap(page);
    }

    /** Rows by name: the results in an object or, by number, in a list; or the one result that an object is. */
    private static Map<String, JsonNode> rows(String field, JsonNode value) {
        Map<String, JsonNode> rows = new LinkedHashMap<>();
        if (value.isObject() && !field.equals("sizes")) {
            if (value.values().stream().allMatch(JsonNode::isNumber)) {
                rows.put("", value);
            } else {
                value.properties().forEach(part -> rows.put(part.getKey(), part.getValue()));
            }
        } else if (value.isArray()) {
            value.forEach(part -> rows.put("#" + rows.size(), part));
        }
        return rows.values().stream().allMatch(JsonNode::isObject) ? rows : Map.of();
    }

    private static void gap(StringBuilder page) {
        if (!page.substring(page.length() - 2).equals("\n\n")) {
            page.append('\n');
        }
    }

    /** Kind: the field that all figures are of, where their names do not say it. */
    private static void table(StringBuilder page, Map<String, JsonNode> rows, String kind) {
        boolean named = rows.keySet().stream().noneMatch(name -> name.isEmpty() || name.startsWith("#"));
        Set<String> fields = new LinkedHashSet<>();
        rows.values().forEach(row -> row.properties().forEach(field -> fields.add(field.getKey())));
        List<String> columns = new ArrayList<>(named ? List.of("") : List.of());
        fields.forEach(field -> columns.add(HEADINGS.getOrDefault(field, words(field))));
        head(page, columns);
        rows.forEach((name, row) -> {
            List<String> cells = new ArrayList<>(named ? List.of(name) : List.of());
            fields.forEach(field -> cells.add(figure(kind.isEmpty() ? field : kind, row.path(field))));
            row(page, cells);
        });
    }

    private static void head(StringBuilder page, List<String> columns) {
        row(page, columns);
        page.append("|").append("---|".repeat(columns.size())).append('\n');
    }

    private static void row(StringBuilder page, List<String> cells) {
        page.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    private static String machine(JsonNode result) {
        List<String> parts = new ArrayList<>();
        if (result.has("threads")) {
            int threads = result.path("threads").asInt();
            parts.add(threads + (threads == 1 ? " thread" : " threads"));
        }
        Matcher rate = RATE.matcher(result.path("boundOf").asString(""));
        if (result.has("bandwidthGBs")) {
            parts.add(number(result.path("bandwidthGBs").asDouble()) + " GB/s");
        } else if (rate.find()) {
            parts.add(number(Double.parseDouble(rate.group(1))) + " " + rate.group(2));
        }
        if (result.has("simd")) {
            parts.add(result.path("simd").asString("").replaceAll("^SIMD (on|off): ", ""));
        }
        if (result.has("openBlas")) {
            parts.add("OpenBLAS " + result.path("openBlas").asString(""));
        }
        return String.join(", ", parts);
    }

    /** Writes a value for a reader: bytes as MB, shares as per cent, numbers with three digits. */
    static String figure(String field, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "–";
        }
        if (!value.isNumber()) {
            return ResultPages.text(value);
        }
        double number = value.asDouble();
        if (field.endsWith("Bytes") && !field.startsWith("ratio")) {
            return number(number / 1e6);
        }
        if (field.equals("bound") || field.endsWith("Bound")) {
            return number(100 * number) + " %";
        }
        return value.isIntegralNumber() ? Long.toString(value.asLong()) : number(number);
    }

    private static String number(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).toPlainString() : Double.toString(value);
    }

    private static String withShortNumbers(String text) {
        return RATE.matcher(text).replaceAll(rate -> number(Double.parseDouble(rate.group(1))) + " " + rate.group(2));
    }

    /** Splits the name of a field: eager nanoseconds per weight for eagerNanosecondsPerWeight. */
    private static String words(String field) {
        return field.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
