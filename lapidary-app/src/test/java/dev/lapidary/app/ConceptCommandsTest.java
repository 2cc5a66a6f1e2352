package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs every command on a small data set with the packaged encoder. */
class ConceptCommandsTest {
    private static final String[] BASELINES = {"zero-shot", "linear-probe", "random-words", "random-directions"};

    @TempDir
    private static Path folder;

    private static Path data;
    private static Path later;
    private static Path model;
    private static CommandRun trained;

    @BeforeAll
    static void train() throws IOException {
        data = SmallNews.write(folder.resolve("news.csv"));
        later = SmallNews.writeLater(folder.resolve("later.csv"));
        Path concepts = SmallNews.writeConcepts(folder.resolve("concepts.txt"));
        model = folder.resolve("model");
        trained = CommandRun.of(
                "concepts",
                "train",
                "--data",
                data,
                "--text",
                "story",
                "--label",
                "topic",
                "--concepts",
                concepts,
                "--nec",
                4,
                "--seeds",
                2,
                "--activation-cutoff",
                -1,
                "--out",
                model,
                "--json");
    }

    @Test
    void trainPrintsOneLineWithEveryField() {
        assertThat(trained.status()).as(trained.err()).isZero();
        assertThat(trained.out().lines()).hasSize(1);
        assertThat(trained.json().propertyNames())
                .contains(
                        "method",
                        "accuracy",
                        "macroF1",
                        "nec",
                        "concepts",
                        "classes",
                        "examples",
                        "seconds",
                        "seeds",
                        "baselines",
                        "necReached",
                        "dropped",
                        "intervals",
                        "verdicts",
                        "warnings",
                        "folder");
        assertThat(trained.json("method").stringValue()).isEqualTo("sparse");
        assertThat(trained.number("concepts")).isEqualTo(12);
        assertThat(trained.number("classes")).isEqualTo(3);
        assertThat(trained.number("nec")).isBetween(0.3, 4.0);
        assertThat(trained.json("baselines").propertyNames()).containsExactlyInAnyOrder(BASELINES);
        assertThat(trained.json("intervals").propertyNames()).containsExactlyInAnyOrder(BASELINES);
        assertThat(trained.out()).doesNotContain("\"dial\"");
    }

    @Test
    void trainsMeanIsThatOfItsSeeds() {
        JsonNode seeds = trained.json("seeds");

        assertThat(seeds.size()).isEqualTo(2);
        double mean = (seeds.get(0).doubleValue() + seeds.get(1).doubleValue()) / 2;
        assertThat(trained.number("accuracy")).isCloseTo(mean, within(1e-12)).isGreaterThan(0.6);
        for (String baseline : BASELINES) {
            double difference = trained.number("accuracy")
                    - trained.json("baselines").path(baseline).doubleValue();
            JsonNode interval = trained.json("intervals").path(baseline);
            assertThat(interval.get(0).doubleValue()).isLessThanOrEqualTo(difference + 1e-12);
            assertThat(interval.get(1).doubleValue()).isGreaterThanOrEqualTo(difference - 1e-12);
        }
    }

    @Test
    void trainReportsOnItemsOfTheirOwn() throws IOException {
        CommandRun run = CommandRun.of(
                "concepts",
                "train",
                "--data",
                data,
                "--text",
                "story",
                "--label",
                "topic",
                "--test",
                later,
                "--concepts",
                folder.resolve("concepts.txt"),
                "--method",
                "search",
                "--seeds",
                2,
                "--activation-cutoff",
                -1,
                "--json");
        assertThat(run.status()).as(run.err()).isZero();
        long rows;
        try (Stream<String> lines = Files.lines(later)) {
            rows = lines.filter(line -> !line.isBlank()).count() - 1;
        }
        assertThat(run.number("examples")).isEqualTo(rows);
    }

    @Test
    void conceptsOfAListAreDroppedOnlyOnRequestAndListedWithReasons() throws IOException {
        Path list = Files.write(
                folder.resolve("own.txt"), List.of("Weather", "oven", "one that has more than 30 characters"));
        List<Object> train = List.of("concepts", "train", "--data", data, "--text", "story", "--label", "topic");
        List<Object> words = new ArrayList<>(train);
        words.addAll(List.of("--method", "search", "--seeds", 1, "--concepts", list, "--json"));
        CommandRun whole = CommandRun.of(words.toArray());
        assertThat(whole.status()).as(whole.err()).isZero();
        assertThat(whole.number("concepts")).isEqualTo(3);
        assertThat(whole.json("dropped").values()).isEmpty();
        words.addAll(List.of("--filters", "--activation-cutoff", -1));
        CommandRun filtered = CommandRun.of(words.toArray());
        assertThat(filtered.status()).as(filtered.err()).isZero();
        assertThat(filtered.number("concepts")).isEqualTo(1);
        assertThat(filtered.json("dropped").values())
                .extracting(entry -> entry.path("concept").stringValue())
                .containsExactly("one that has more than 30 characters", "Weather");
        assertThat(filtered.json("dropped").get(1).path("reason").stringValue())
                .isEqualTo("\"Weather\" is the class weather");
        words.remove("--json");
        assertThat(CommandRun.of(words.toArray()).out()).contains("""
                        2 of 3 concepts are left out:
                          length: "one that has more than 30 characters" has 36 characters, more than 30
                          class-name: "Weather" is the class weather
                        """);
    }

    @Test
    void aModelWithoutSeenItemsSaysThatItDoesNotKnowWhatIsFar() {
        Path forgets = folder.resolve("forgets");
        List<Object> words = new ArrayList<>(List.of("concepts", "train", "--data", data, "--text", "story"));
        words.addAll(
                List.of("--label", "topic", "--method", "search", "--seeds", 1, "--out", forgets, "--no-seen-items"));
        words.addAll(List.of("--concepts", folder.resolve("concepts.txt")));
        assertThat(CommandRun.of(words.toArray()).out()).contains("No embeddings of training items are kept;");
        assertThat(forgets.resolve("seen-items.safetensors")).doesNotExist();

        String text = "The central bank raised rates.";
        CommandRun json = CommandRun.of("concepts", "predict", "--model", forgets, "--input", text, "--json");
        assertThat(json.json("farKnown").booleanValue()).isFalse();
        assertThat(json.json("predictions").get(0).has("far")).isFalse();
        assertThat(CommandRun.of("concepts", "predict", "--model", forgets, "--input", text)
                        .err())
                .contains("whether an item is far from the training items is not known");
        assertThat(CommandRun.of("concepts", "explain", "--model", forgets, "--input", text)
                        .out())
                .contains("how far it lies from the training items is not known");
        CommandRun remembers = CommandRun.of("concepts", "predict", "--model", model, "--input", text, "--json");
        assertThat(remembers.json().has("farKnown")).isFalse();
    }

    @Test
    void theModelMayBeReplaced() {
        OutputFolderTest.assertReplaceable(model, "none.csv", "concepts", "train", "--data", "none.csv", "--out");
    }

    @Test
    void nothingIsLeftBesideTheModel() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries.map(p -> p.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    @Test
    void evaluateTakesTheColumnsOfTheTraining() {
        CommandRun run = CommandRun.of("concepts", "evaluate", "--model", model, "--data", later, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("examples")).isEqualTo(6);
        assertThat(run.json("baselines").propertyNames()).containsExactlyInAnyOrder(BASELINES);
        assertThat(run.number("accuracy")).isGreaterThan(0.5);
        assertThat(run.number("nec")).isCloseTo(trained.number("nec"), within(1e-9));
        assertThat(run.number("seconds")).isPositive();
    }

    @Test
    void evaluateWarnsAboutTheItemsOfTheTraining() {
        CommandRun run = CommandRun.of("concepts", "evaluate", "--model", model, "--data", data);

        assertThat(run.status()).isZero();
        assertThat(run.err())
                .contains("warning: 35 of 36 items are ones that the model learned from or chose its settings on");
        assertThat(run.out()).contains("zero-shot", "random-directions", "football");
    }

    @Test
    void evaluateRefusesALabelThatTrainingNeverSaw() throws IOException {
        Path other = Files.writeString(folder.resolve("other.csv"), "story,topic\nShares fell.,finance\n");

        CommandRun run = CommandRun.of("concepts", "evaluate", "--model", model, "--data", other, "--json");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.json("error").stringValue()).contains("finance", "cooking");
    }

    @Test
    void alteredModelIsRefusedWithTheReason() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("altered"));
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        byte[] bytes = Files.readAllBytes(copy.resolve("model.safetensors"));
        bytes[bytes.length - 3] ^= 1;
        Files.write(copy.resolve("model.safetensors"), bytes);

        CommandRun run = CommandRun.of("concepts", "predict", "--model", copy, "--input", "x", "--json");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.json("error").stringValue()).contains("model.safetensors", "digest");
    }

    @Test
    void predictNamesClassAndConcepts() {
        CommandRun run = CommandRun.of("concepts", "predict", "--model", model, "--data", later, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().propertyNames())
                .containsExactlyInAnyOrder("predictions", "count", "seconds", "trainingItems", "decides");
        assertThat(run.number("count")).isEqualTo(6);
        assertThat(run.json("predictions").values())
                .extracting(p -> p.path("id").stringValue())
                .containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(run.json("predictions").values()).allSatisfy(p -> {
            assertThat(p.propertyNames())
                    .containsExactlyInAnyOrder(
                            "id",
                            "class",
                            "probability",
                            "concepts",
                            "calibratedProbability",
                            "distance",
                            "distanceQuantile",
                            "far");
            assertThat(SmallNews.CLASSES).contains(p.path("class").stringValue());
            assertThat(p.path("probability").doubleValue()).isBetween(1.0 / 3 - 1e-9, 1.0);
            assertThat(p.path("concepts").size()).isBetween(1, 3);
            for (JsonNode part : p.path("concepts")) {
                double score = part.path("score").doubleValue();
                assertThat(part.path("contribution").doubleValue())
                        .isCloseTo(score * part.path("weight").doubleValue(), within(1e-12));
                assertThat(part.path("presence").stringValue()).isEqualTo(score > 0 ? "found" : "not-found");
            }
        });
    }

    @Test
    void aTextFarFromTheTrainingIsMarked() {
        String[] far = {"--model", model.toString(), "--input", "What is the capital of France?"};

        CommandRun explained = CommandRun.of("concepts", "explain", far[0], far[1], far[2], far[3], "--json");
        CommandRun predicted = CommandRun.of("concepts", "predict", far[0], far[1], far[2], far[3]);
        CommandRun near = CommandRun.of(
                "concepts", "predict", far[0], far[1], far[2], "Rain and wind are expected in the hills.", "--json");

        JsonNode familiarity = explained.json("familiarity");
        assertThat(familiarity.path("far").booleanValue()).isTrue();
        assertThat(familiarity.path("quantile").doubleValue()).isEqualTo(1);
        assertThat(familiarity.path("distance").doubleValue())
                .isGreaterThan(familiarity.path("limit").doubleValue());
        assertThat(predicted.out()).contains("\tFAR FROM TRAINING: farther out than 100 % of the training items\n");
        assertThat(near.json("predictions").get(0).path("far").booleanValue()).isFalse();
    }

    @Test
    void predictAgreesOnATextWhereverItStands() {
        CommandRun all = CommandRun.of("concepts", "predict", "--model", model, "--data", later, "--json");
        CommandRun one = CommandRun.of(
                "concepts", "predict", "--model", model, "--input", "Snow is likely on high ground.", "--json");

        JsonNode last = all.json("predictions").get(5);
        JsonNode alone = one.json("predictions").get(0);
        for (String field : List.of("class", "probability", "concepts")) {
            assertThat(alone.path(field)).isEqualTo(last.path(field));
        }
    }

    @Test
    void predictWritesCsv() throws IOException {
        Path file = folder.resolve("out/predictions.csv");

        CommandRun run =
                CommandRun.of("concepts", "predict", "--model", model, "--data", later, "--out", file, "--json");

        assertThat(run.json().propertyNames())
                .containsExactlyInAnyOrder("file", "count", "seconds", "trainingItems", "decides", "warnings");
        assertThat(run.json("warnings")).isEmpty();
        assertThat(Files.readAllLines(file))
                .hasSize(7)
                .first()
                .isEqualTo("id,class,probability,concepts,calibratedProbability,distance,distanceQuantile,far");
        assertThat(Files.readAllLines(file).subList(1, 7))
                .allSatisfy(
                        line -> assertThat(line)
                                .containsPattern(
                                        "(found, speaks|not found, which speaks) (for|against) \\w+: [\\w ]+ "
                                                + "\\(score [+-]\\d\\.\\d\\d, weight [+-]\\d\\.\\d{3}, contribution [+-]\\d\\.\\d{3}\\)"));
        assertThat(run.err()).contains("Found means a score above 0");
    }

    @Test
    void aCellThatASpreadsheetMayRunIsWarnedOf() throws IOException {
        Path risky = Files.writeString(
                folder.resolve("risky.csv"),
                "id,story\n=1+1,The striker scored twice.\n-7,Rain is expected.\n+cmd,Boil the rice.\n");
        Path file = folder.resolve("risky-predictions.csv");

        CommandRun run =
                CommandRun.of("concepts", "predict", "--model", model, "--data", risky, "--out", file, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        String warning = "2 of 3 lines in the CSV file have a cell that begins with =, +, - or @, the first \"=1+1\"";
        assertThat(run.json("warnings").get(0).stringValue()).startsWith(warning);
        assertThat(run.err()).containsOnlyOnce("warning: " + warning);
        assertThat(Files.readAllLines(file).get(1)).startsWith("=1+1,"); // the data stay as they are
    }

    @Test
    void aValueOutsideThoseOfTheTrainingIsNoted() {
        String name = strongest("football").path("concept").stringValue();

        CommandRun far = intervened("Goal!", name, 200);

        assertThat(far.json("notes").get(0).stringValue())
                .matches("\"" + name
                        + "\" is set to 200.0, but scores of the training items lie between -\\d.* and \\d.*");
        assertThat(far.err()).contains("is set to 200.0, but scores of the training items lie between");
        assertThat(intervened("Goal!", name, 0).json("notes")).isEmpty();
    }

    @Test
    void explainsContributionsThatSumToTheLogit() {
        CommandRun run = CommandRun.of(
                "concepts", "explain", "--model", model, "--id", "c", "--data", later, "--class", "weather", "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("id").stringValue()).isEqualTo("c");
        assertThat(run.json("missingFor").stringValue()).isEqualTo("weather");
        assertThat(run.json().propertyNames()).contains("text", "predicted", "missing", "counterfactual");
        for (JsonNode score : run.json("classes")) {
            double sum = score.path("bias").doubleValue();
            for (JsonNode part : score.path("contributions")) {
                sum += part.path("value").doubleValue();
            }
            assertThat(sum).isCloseTo(score.path("logit").doubleValue(), within(1e-9));
        }
    }

    @Test
    void explainsClassesAndTheWhole() {
        CommandRun one = CommandRun.of("concepts", "explain", "--model", model, "--class", "football", "--json");
        CommandRun all = CommandRun.of("concepts", "explain", "--model", model, "--data", data, "--json");

        assertThat(one.json("classes").values()).singleElement().satisfies(c -> {
            assertThat(c.path("name").stringValue()).isEqualTo("football");
            assertThat(c.propertyNames()).contains("bias", "speakFor", "speakAgainst");
        });
        assertThat(all.json("classes").values())
                .extracting(c -> c.path("name").stringValue())
                .isEqualTo(SmallNews.CLASSES);
        assertThat(all.json("summary").path("items").intValue()).isEqualTo(36);
        assertThat(all.json("summary").path("concepts").intValue()).isEqualTo(12);
    }

    @Test
    void longAndForeignTextsAreWarnedOfWhereverTheyStand() {
        String text = "Der Ball ist rund und das Spiel dauert neunzig Minuten, aber nicht mehr. ".repeat(30);
        String concept = strongest("football").path("concept").stringValue();
        for (List<String> command : List.of(
                List.of("predict", "--input", text),
                List.of("explain", "--input", text),
                List.of("intervene", "--input", text, "--set", concept + "=3"))) {
            List<Object> words = new ArrayList<>(List.of("concepts", command.getFirst(), "--model", model, "--json"));
            words.addAll(command.subList(1, command.size()));
            CommandRun run = CommandRun.of(words.toArray());
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.err().lines())
                    .contains(
                            "warning: 1 of 1 texts are longer than the encoder's 256 tokens; only their beginning was read",
                            "warning: 1 of 1 texts looked at seem not to be English (German); the packaged encoder and WordNet know "
                                    + "English only: use a multilingual encoder (--encoder DIR) and concepts of your own");
        }
    }

    @Test
    void auditsLeakage() {
        CommandRun run = CommandRun.of("concepts", "explain", "--model", model, "--audit", "--data", data, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("controls").values())
                .extracting(c -> c.path("control").stringValue())
                .containsExactly("random-words", "random-directions");
    }

    @Test
    void settingAConceptMovesItsLogitByItsWeight() {
        String input = "The striker was sent off in the derby.";
        JsonNode strongest = strongest("football");
        String name = strongest.path("concept").stringValue();
        double weight = strongest.path("weight").doubleValue();

        CommandRun low = intervened(input, name, 0);
        CommandRun high = intervened(input, name, 2);

        assertThat(logit(high) - logit(low)).isCloseTo(2 * weight, within(1e-9));
        JsonNode log = low.json("interventions").get(0);
        assertThat(log.path("kind").stringValue()).isEqualTo("set");
        assertThat(log.path("concept").stringValue()).isEqualTo(name);
    }

    /** The concept that speaks loudest for a class. */
    private static JsonNode strongest(String className) {
        CommandRun run = CommandRun.of("concepts", "explain", "--model", model, "--class", className, "--json");
        return run.json("classes").get(0).path("speakFor").get(0);
    }

    private static CommandRun intervened(String input, String concept, double value) {
        return CommandRun.of(
                "concepts", "intervene", "--model", model, "--input", input, "--set", concept + "=" + value, "--json");
    }

    private static double logit(CommandRun run) {
        JsonNode football = run.json("item").path("logits").get(1);
        assertThat(football.path("name").stringValue()).isEqualTo("football");
        return football.path("after").doubleValue();
    }

    @Test
    void droppedConceptsStayDroppedInTheSavedModel() throws IOException {
        Path edited = folder.resolve("edited");
        String name = strongest("football").path("concept").stringValue();

        CommandRun run = CommandRun.of(
                "concepts", "intervene", "--model", model, "--drop", name, "--data", data, "--save", edited, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("changes").path("items").intValue()).isEqualTo(36);
        assertThat(run.json("changes").path("labelled").intValue()).isEqualTo(36);
        CommandRun profile = CommandRun.of("concepts", "explain", "--model", edited, "--class", "football", "--json");
        assertThat(profile.out()).doesNotContain("\"" + name + "\"");
        assertThat(Files.readString(edited.resolve("metrics.json"))).contains("edited by hand after training");
        assertThat(Files.readString(edited.resolve("lapidary.json")))
                .contains("\"edits\" : [ \"dropped \\\"" + name + "\\\"\" ]", "\"decides\" : [ {");
        assertThat(run.json("notes").values())
                .extracting(JsonNode::stringValue)
                .singleElement()
                .asString()
                .startsWith("35 of 36 items are ones that the model learned from");
        for (String command : List.of("explain", "predict")) {
            CommandRun said = CommandRun.of("concepts", command, "--model", edited, "--input", "Goal!", "--json");
            assertThat(said.json("edits").get(0).stringValue()).isEqualTo("dropped \"" + name + "\"");
        }
        CommandRun judged = CommandRun.of("concepts", "evaluate", "--model", edited, "--data", later);
        assertThat(judged.out()).startsWith("THIS MODEL WAS EDITED BY HAND after training: dropped");
        assertThat(judged.err()).contains("of the seeds judged here only seed ");
        CommandRun again =
                CommandRun.of("concepts", "intervene", "--model", edited, "--drop", name, "--input", "Goal!", "--json");
        assertThat(again.json("notes").get(0).stringValue())
                .isEqualTo("\"" + name + "\" decides for no class: dropping it changes nothing");
    }

    @Test
    void theSeedThatDecidesIsNamedBesideTheMean() {
        JsonNode decides = trained.json("decides");
        JsonNode details = trained.json("details");
        int best = details.get(1).path("validationAccuracy").doubleValue()
                        > details.get(0).path("validationAccuracy").doubleValue()
                ? 1
                : 0;

        assertThat(decides.path("seed").longValue()).isEqualTo(best);
        assertThat(decides.path("accuracy")).isEqualTo(trained.json("seeds").get(best));
        assertThat(trained.json("warnings").values())
                .extracting(JsonNode::stringValue)
                .anyMatch(warning -> warning.startsWith("2 seeds are too few for the spread"));
        CommandRun explained = CommandRun.of("concepts", "explain", "--model", model, "--input", "Goal!");
        assertThat(explained.out())
                .contains("from seed " + best + " of 2, which was right for ", "the mean over seeds is ");
    }

    @Test
    void searchComparesAllVariantsWithZeroShot() {
        CommandRun run = CommandRun.of(
                "concepts",
                "search",
                "--data",
                data,
                "--text",
                "story",
                "--label",
                "topic",
                "--concepts",
                folder.resolve("concepts.txt"),
                "--activation-cutoff",
                -1,
                "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("variants").values())
                .hasSize(12)
                .allSatisfy(v -> assertThat(v.propertyNames())
                        .contains("variant", "accuracy", "macroF1", "droppedConcepts", "fallbackItems", "hubness"));
        assertThat(run.json("zeroShot").propertyNames()).containsExactlyInAnyOrder("accuracy", "macroF1");
        assertThat(run.number("concepts")).isEqualTo(12);
    }

    @Test
    void searchTakesConceptsAndClassesThatAnotherEncoderEmbedded() throws IOException {
        Path items = folder.resolve("items.safetensors");
        Path concepts = folder.resolve("concepts.safetensors");
        float[] rows = new float[12 * 3]; // item i lies near axis i % 2
        for (int i = 0; i < 12; i++) {
            rows[3 * i + i % 2] = 1;
            rows[3 * i + 2] = 0.1f * i;
        }
        SafetensorsWriter.write(items, List.of(TensorView.of("embeddings", rows, 12, 3)), Map.of());
        Path labels = Files.write(
                folder.resolve("labels.txt"),
                IntStream.range(0, 12)
                        .mapToObj(i -> i % 2 == 0 ? "left" : "right")
                        .toList());
        SafetensorsWriter.write(
                concepts,
                List.of(
                        TensorView.of("embeddings", new float[] {1, 0.1f, 0, 0.1f, 1, 0}, 2, 3),
                        TensorView.of("class_embeddings", new float[] {1, 0, 0, 0, 1, 0}, 2, 3)),
                Map.of("names", "[\"west\",\"east\"]", "classes", "[\"left\",\"right\"]"));

        CommandRun run = CommandRun.of(
                "concepts",
                "search",
                "--data",
                items,
                "--labels",
                labels,
                "--concepts",
                concepts,
                "--class-cutoff",
                2,
                "--variant",
                "none-cosine",
                "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("zeroShot").path("accuracy").doubleValue()).isEqualTo(1.0);
        assertThat(run.json("variants").get(0).path("accuracy").doubleValue()).isEqualTo(1.0);
    }

    @Test
    void proposesForClassNamesAlone() throws IOException {
        Path list = folder.resolve("proposed.txt");
        Path ledger = folder.resolve("ledger.json");

        CommandRun run = CommandRun.of(
                "concepts", "propose", "--classes", "football,weather", "--out", list, "--ledger", ledger, "--json");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(Files.readAllLines(list)).hasSize((int) run.number("count")).hasSizeGreaterThan(20);
        assertThat(Files.readString(ledger)).contains("wordnet");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void fullDiskIsAFailureAndNotBadInput() {
        CommandRun run =
                CommandRun.of("concepts", "predict", "--model", model, "--data", later, "--out", "/dev/full", "--json");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.number("status")).isEqualTo(1);
        assertThat(run.json("error").stringValue()).containsIgnoringCase("no space left");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void folderThatDoesNotFitIsNotLeftBehind() throws IOException, InterruptedException {
        Path place = Files.createDirectory(folder.resolve("full"));
        Path log = folder.resolve("full.log");
        var forked = ForkedJvm.of(
                Main.class,
                "concepts",
                "intervene",
                "--model",
                model.toString(),
                "--drop",
                strongest("football").path("concept").stringValue(),
                "--save",
                place.resolve("m").toString(),
                "--json");
        String line = "ulimit -f 4; exec \"$@\""; // no file may grow beyond 4 blocks
        forked.command().addAll(0, List.of("sh", "-c", line, "sh"));

        Process process =
                forked.redirectErrorStream(true).redirectOutput(log.toFile()).start();

        assertThat(process.waitFor()).as(Files.readString(log)).isEqualTo(1);
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).isEmpty();
        }
    }
}
