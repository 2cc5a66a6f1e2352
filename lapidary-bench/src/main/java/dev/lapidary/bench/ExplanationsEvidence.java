package dev.lapidary.bench;

import dev.lapidary.app.TerminalProgress;
import dev.lapidary.app.command.CommandTree;
import dev.lapidary.app.command.Session;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code concepts explain} says of ten texts with the demo's model, for {@link ExplanationsPage}: as a person sees it and as JSON.
 * Kept in docs/evidence/explanations.json.
 */
final class ExplanationsEvidence implements Benchmark {
    static final String FILE = "docs/evidence/explanations.json";

    private static final int SEEDS = 5;

    /** What a text is to the model, which decides how its explanation is read. */
    enum Kind {
        /** A message to the service desk. */
        PLAIN,
        /** The first one's opposite: it denies what that one says. */
        NEGATED,
        /** A matter of two teams. */
        BETWEEN,
        /** No team's matter, in the language of the encoder. */
        OUTSIDE,
        /** What the first one says, in a language that the encoder does not know. */
        FOREIGN,
        /** About nothing. */
        EMPTY
    }

    private record Given(Kind kind, String text) {}

    private static final List<Given> TEXTS = List.of(
            new Given(Kind.PLAIN, "The lamp by the school is broken."),
            new Given(Kind.NEGATED, "Nothing is broken: the lamp by the school works."),
            new Given(Kind.PLAIN, "Please mow the meadow later this year, the orchids are still in bloom."),
            new Given(Kind.BETWEEN, "A lorry that parked on the pavement broke the kerb stones."),
            new Given(Kind.BETWEEN, "Foxes tear the bin bags open every night."),
            new Given(Kind.OUTSIDE, "What is the capital of France?"),
            new Given(Kind.OUTSIDE, "The central bank raised interest rates by a quarter of a point."),
            new Given(Kind.OUTSIDE, "Whisk the eggs and fry them in butter."),
            new Given(Kind.FOREIGN, "Die Laterne vor der Schule ist kaputt."),
            new Given(Kind.EMPTY, "Hello."));

    @Override
    public String name() {
        return "evidence-explanations";
    }

    @Override
    public String summary() {
        return "explanations of ten texts by the demo's model, for docs/explanations.md (about three minutes)";
    }

    @Override
    public Map<String, Object> run() {
        Path file = ProjectFiles.home().resolve(FILE);
        try {
            Path folder = Files.createTempDirectory("lapidary-explanations");
            String model = folder.resolve("demo").toString();
            JsonNode trained =
                    CommandJson.of(List.of("demo", "--seeds", Integer.toString(SEEDS), "--out", model, "--json"));
            ObjectNode evidence = JsonMapper.shared().createObjectNode();
            evidence.put("name", name())
                    .put("date", LocalDate.now(ZoneOffset.UTC).toString())
                    .put("seeds", SEEDS)
                    .put("classes", trained.path("classes").intValue())
                    .put("concepts", trained.path("concepts").intValue())
                    .put("accuracy", trained.path("accuracy").doubleValue());
            evidence.set("decides", trained.path("decides"));
            var texts = evidence.putArray("texts");
            for (Given given : TEXTS) {
                texts.add(explained(model, given));
            }
            String json = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(evidence);
            AtomicFiles.writeString(file, json + "\n");
            AtomicFiles.deleteTree(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("file", file.toString());
        return result;
    }

    private static ObjectNode explained(String model, Given given) {
        List<String> command = List.of("concepts", "explain", "--model", model, "--input", given.text());
        ObjectNode entry = JsonMapper.shared().createObjectNode();
        entry.put("kind", given.kind().name()).put("text", given.text());
        Said said = said(command);
        var warnings = entry.putArray("warnings");
        said.remarks()
                .filter(line -> line.startsWith("warning: "))
                .map(line -> line.substring("warning: ".length()))
                .forEach(warnings::add);
        var output = entry.putArray("output");
        said.out().lines().forEach(output::add);
        ObjectNode json = (ObjectNode) CommandJson.of(
                Stream.concat(command.stream(), Stream.of("--json")).toList());
        json.remove(List.of("concepts", "missing", "text", "decides")); // all 168 scores, and what stands elsewhere
        for (int k = 1; k < json.path("classes").size(); k++) {
            ((ObjectNode) json.path("classes").get(k))
                    .remove("contributions"); // the page shows those of the class predicted
        }
        entry.set("explanation", json);
        return entry;
    }

    private record Said(String out, String err) {
        Stream<String> remarks() {
            return err.lines();
        }
    }

    private static Said said(List<String> command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Session session = new Session(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                TerminalProgress.standard(),
                Cancellation.none());
        int status = CommandTree.run(session, command.toArray(String[]::new));
        var said = new Said(out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        if (status != 0) {
            throw new IllegalStateException("explain must succeed; got status " + status + ": " + said.err());
        }
        return said;
    }
}
