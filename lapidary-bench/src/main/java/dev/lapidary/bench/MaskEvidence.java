package dev.lapidary.bench;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Learned masks against one-shot masks, and masks moved from one text to another, as data under docs/evidence/mask: one file a
 * command of the command line, so that an interrupted evidence goes on with what is missing. Delete a file to measure it again.
 *
 * <p>For each of three seeds: a Llama-style model is trained on one small text, and a mask is learned for it ({@code one-text});
 * another model is trained on four texts, which it sees four times, and a mask is learned on three of them ({@code four-texts}); then, for that model, masks for the fourth text, Shakespeare, are learned from a one-shot prior
 * in full ({@code domain-full}) and from the mask of the other three in half the steps ({@code domain-transfer}).
 */
final class MaskEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/mask";
    static final int SEEDS = 3;
    private static final List<String> ONE = List.of("wikitext-2-valid.txt");
    private static final List<String> GENERAL = List.of("wikitext-2-valid.txt", "moby-dick.txt", "grimm-tales.txt");
    private static final String DOMAIN = "tinyshakespeare.txt";
    private static final String ONE_STEPS = "1500"; // four epochs
    private static final String FOUR_STEPS = "5000"; // four epochs too, of four times the text
    private static final String HEAP = "4g";
    private static final String SHORT_BATCH = "8";
    private static final int SHORT_STEPS = 200;
    private static final int LONG_STEPS = 400;
    private static final int RATE_SEED = 1; // of the model on which gate learning rates are compared
    static final List<String> RATES = List.of("5e-4", "1e-3", "2e-3", "4e-3", "8e-3");
    private static final String ALL_METHODS = "magnitude,wanda,sparsegpt,sparsegpt-update";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path evidence = ProjectFiles.home().resolve(FOLDER);
    private final Path work = CacheFolder.sub("evidence-mask");

    /** One command: the name of its evidence and of the folder that it writes, its arguments, and the steps whose folders it reads. */
    private record Step(String id, List<String> arguments, List<Step> needs) {}

    @Override
    public String name() {
        return "evidence-mask";
    }

    @Override
    public String summary() {
        return "evidence, not speed: learned against one-shot masks, and transfer, 3 seeds (needs LAPIDARY_DATA; about 3 hours on one core)";
    }

    @Override
    public Map<String, Object> run() {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try {
            for (Step step : steps()) {
                Path file = evidence.resolve(step.id() + ".json");
                if (!Files.exists(file)) {
                    make(step);
                }
                JsonNode methods = JSON.readTree(Files.readString(file)).path("methods");
                if (!methods.isMissingNode()) {
                    result.put(step.id(), methods);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        result.put("folder", evidence.toString());
        return result;
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            Step one = train("one-text", seed, ONE, List.of("--steps", ONE_STEPS));
            steps.add(one);
            steps.add(learn(
                    "one-text-mask", seed, one, ONE, List.of("--steps", "" + SHORT_STEPS, "--batch", SHORT_BATCH)));
        }
        for (int seed = 0; seed < SEEDS; seed++) {
            List<String> all = new ArrayList<>(GENERAL);
            all.add(DOMAIN);
            Step four = train("four-texts", seed, all, List.of("--steps", FOUR_STEPS));
            Step mask = learn(
                    "four-texts-mask",
                    seed,
                    four,
                    GENERAL,
                    List.of("--steps", "" + LONG_STEPS, "--batch", SHORT_BATCH));
            steps.add(four);
            steps.add(mask);
            if (seed == RATE_SEED) {
                RATES.forEach(rate -> steps.add(rate(rate, four)));
            }
            steps.add(domain("domain-full", seed, four, LONG_STEPS, Optional.empty()));
            steps.add(domain("domain-transfer", seed, four, LONG_STEPS / 2, Optional.of(mask)));
        }
        return steps;
    }

    private Step train(String id, int seed, List<String> texts, List<String> options) {
        return step(id + "-" + seed, List.of("lm", "train", "--seed", "" + seed), texts, options, List.of());
    }

    private Step learn(String id, int seed, Step model, List<String> texts, List<String> options) {
        List<String> command = new ArrayList<>(List.of("mask", "learn", "--seed", "" + seed, "--compare", ALL_METHODS));
        command.addAll(List.of("--model", folder(model).toString()));
        return step(id + "-" + seed, command, texts, options, List.of(model));
    }

    /** Learns with a gate learning rate and nothing to compare with. */
    private Step rate(String rate, Step model) {
        return step(
                "gate-rate-" + rate,
                List.of(
                        "mask",
                        "learn",
                        "--compare",
                        "none",
                        "--model",
                        folder(model).toString()),
                GENERAL,
                List.of("--steps", "" + SHORT_STEPS, "--batch", SHORT_BATCH, "--gate-lr", rate),
                List.of(model));
    }

    private Step domain(String id, int seed, Step model, int steps, Optional<Step> prior) {
        List<Step> needs = new ArrayList<>(List.of(model));
        prior.ifPresent(needs::add);
        List<String> command = List.of(
                "mask",
                "learn",
                "--seed",
                "" + seed,
                "--compare",
                "sparsegpt,sparsegpt-update",
                "--prior",
                prior.map(p -> folder(p).toString()).orElse("sparsegpt"),
                "--model",
                folder(model).toString());
        return step(
                id + "-" + seed,
                command,
                List.of(DOMAIN),
                List.of("--steps", "" + steps, "--batch", SHORT_BATCH),
                needs);
    }

    private Step step(String id, List<String> command, List<String> texts, List<String> options, List<Step> needs) {
        List<String> arguments = new ArrayList<>(command);
        for (String text : texts) {
            arguments.add("--text");
            arguments.add(ProjectFiles.data(text, String.join(", ", GENERAL) + " and " + DOMAIN)
                    .toString());
        }
        arguments.addAll(options);
        arguments.addAll(List.of("--out", work.resolve(id).toString(), "--json"));
        return new Step(id, arguments, needs);
    }

    private Path folder(Step step) {
        return work.resolve(step.id());
    }

    /** Runs the step, after those whose folders are missing. */
    private void make(Step step) throws IOException {
        for (Step needed : step.needs()) {
            if (!Files.isDirectory(folder(needed))) {
                make(needed);
            }
        }
        System.err.println("evidence-mask: " + step.id());
        ObjectNode result =
                (ObjectNode) JSON.readTree(ChildJvm.lastLine(HEAP, dev.lapidary.app.Main.class, step.arguments()));
        result.remove("folder"); // where it lay says nothing to others
        if (result.path("prior").asString("").startsWith(work.toString())) {
            result.put(
                    "prior",
                    work.relativize(Path.of(result.path("prior").asString())).toString());
        }
        Files.createDirectories(evidence);
        AtomicFiles.writeString(evidence.resolve(step.id() + ".json"), JSON.writeValueAsString(result) + "\n");
    }
}
