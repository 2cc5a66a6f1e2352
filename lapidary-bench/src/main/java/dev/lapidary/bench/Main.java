package dev.lapidary.bench;

import dev.lapidary.runtime.kernel.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Lists the benchmarks, or runs one by name; with --json the last line on standard output is one JSON object. */
public final class Main {
    private static final int BAD_INPUT = 2;

    private static final String HELP = """
            Usage: lapidary bench %s [--json]
            %s
            What is measured is printed at the end, a line a figure. LAPIDARY_DATA names the folder of data sets, where
            one is needed.
                  --json  End standard output with one JSON object on one line.

            Examples:
              lapidary bench %3$s
              lapidary bench %3$s --json
            """;

    private Main() {}

    /** The benchmarks by name. */
    static List<Benchmark> all() {
        return List.of(
                new ConceptsTrainBench(),
                new ConceptSearchBench(),
                new EmbedBench(),
                new ImagesBench(),
                new MaskSamplingBench(),
                new MaskUpdateBench(),
                new CutCrossEntropyBench(),
                new MaskStepBench(),
                new GemvBench(WeightType.F32),
                new GemvBench(WeightType.BF16),
                new GemvBench(WeightType.INT8),
                new PrefillBench(),
                new DecodeBench(WeightType.F32),
                new DecodeBench(WeightType.BF16),
                new DecodeBench(WeightType.INT8),
                new ScaleBench(),
                new ThreadsBench(),
                new StatisticalBenchmark(),
                new NewsEvidence(),
                new ImageEvidence(),
                new SceneEvidence(),
                new AdapterEvidence(),
                new MaskEvidence(),
                new KillsBench(),
                new ExplanationsEvidence(),
                new FirstUseEvidence(),
                new ResultPages());
    }

    /** Runs the benchmark that the first argument names, or lists them. */
    public static void main(String[] args) {
        List<String> names = new ArrayList<>(List.of(args));
        boolean json = names.remove("--json");
        int status = 0;
        try {
            status = run(names, json);
        } catch (RuntimeException | LinkageError problem) {
            status = fail(json, 1, String.valueOf(problem.getMessage()));
        }
        System.exit(status); // native libraries may have started threads of their own
    }

    private static int run(List<String> names, boolean json) {
        if (names.isEmpty()) {
            list(json);
            return 0;
        }
        boolean help = names.removeAll(List.of("-h", "--help"));
        if (names.isEmpty()) {
            System.out.print(
                    HELP.formatted("NAME", "Runs a benchmark or an evidence run; without NAME lists them.", "NAME"));
            return 0;
        }
        List<String> known = all().stream().map(Benchmark::name).toList();
        if (names.size() > 1 || !known.contains(names.getFirst())) {
            return fail(
                    json,
                    BAD_INPUT,
                    "NAME must be one of " + String.join(", ", known) + "; got " + String.join(" ", names));
        }
        Benchmark chosen = all().get(known.indexOf(names.getFirst()));
        if (help) {
            System.out.print(help(chosen));
            return 0;
        }
        System.err.println(chosen.name() + ": " + chosen.summary());
        Map<String, Object> result = chosen.run();
        if (json) {
            System.out.println(new JsonMapper().writeValueAsString(result));
        } else {
            result.forEach((key, value) -> System.out.println(key + ": " + value));
        }
        return Boolean.FALSE.equals(result.get("equal")) ? 1 : 0;
    }

    /** Says what a benchmark does and how it is run. */
    static String help(Benchmark chosen) {
        String summary = chosen.summary();
        String sentence = Character.toUpperCase(summary.charAt(0)) + summary.substring(1) + ".";
        return HELP.formatted(chosen.name(), sentence, chosen.name());
    }

    private static void list(boolean json) {
        if (json) {
            List<Map<String, String>> entries = all().stream()
                    .map(each -> Map.of("name", each.name(), "summary", each.summary()))
                    .toList();
            System.out.println(new JsonMapper().writeValueAsString(Map.of("benchmarks", entries)));
        } else {
            all().forEach(each -> System.out.printf("%-16s %s%n", each.name(), each.summary()));
        }
    }

    private static int fail(boolean json, int status, String message) {
        System.err.println("lapidary bench: " + message);
        if (json) {
            System.out.println(new JsonMapper().writeValueAsString(Map.of("error", message, "status", status)));
        }
        return status;
    }
}
