package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.SplitRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Calibrated probabilities and prediction sets on the command line, with a model of 6 test items. */
class CalibrationCommandsTest {
    private static final String INPUT = "Snow is likely on high ground.";

    @TempDir
    private static Path folder;

    private static Path data;
    private static Path later;
    private static Path model;
    private static Path edited;
    private static CommandRun trained;
    private static CommandRun changed;

    @BeforeAll
    static void train() throws IOException {
        data = SmallNews.write(folder.resolve("news.csv"));
        later = SmallNews.writeLater(folder.resolve("later.csv"));
        model = folder.resolve("model");
        edited = folder.resolve("edited");
        Path concepts = SmallNews.writeConcepts(folder.resolve("concepts.txt"));
        String words = "train --nec 4 --seeds 1 --activation-cutoff -1 --text story --label topic --data";
        trained = run(words, data, "--out", model, "--concepts", concepts);
        changed = run("intervene --drop dinner --model", model, "--save", edited);
    }

    /** Runs a command of concepts: words that a blank divides, then arguments of any kind. */
    private static CommandRun run(String words, Object... more) {
        List<Object> all = new ArrayList<>(List.of("concepts"));
        all.addAll(Arrays.asList(words.split(" ")));
        all.addAll(Arrays.asList(more));
        return CommandRun.of(all.toArray());
    }

    private static CommandRun ofModel(String command, Path of, Object... more) {
        CommandRun run = run(command + " --json --model " + of, more);
        assertThat(run.status()).as(run.err()).isZero();
        return run;
    }

    private static Calibration calibration(Path of) {
        return ConceptClassifier.read(of).calibration().orElseThrow();
    }

    @Test
    void trainingSaysWhatItCalibrated() {
        assertThat(trained.status()).as(trained.err()).isZero();
        assertThat(calibration(model).items()).isEqualTo(6);
        assertThat(trained.out())
                .contains(
                        "Calibrated: temperature ",
                        " from validation items of seed 0; prediction sets on 6 test items of seed 0,"
                                + " enough for error rates from 14.3 %.");
    }

    @Test
    void predictGivesSetsThatFollowTheCalibratedProbabilities() {
        CommandRun run = ofModel("predict", model, "--data", later, "--error-rate", 0.3);

        assertThat(run.number("errorRate")).isEqualTo(0.3);
        double threshold = calibration(model).sets(0.3).threshold(); // ⌊7·0.3⌋ = 2: the second smallest
        assertThat(threshold).isEqualTo(calibration(model).truth().get(1));
        int abstained = 0;
        for (JsonNode prediction : run.json("predictions")) {
            double calibrated = prediction.path("calibratedProbability").doubleValue();
            List<String> set = prediction.path("set").values().stream()
                    .map(JsonNode::stringValue)
                    .toList();
            if (calibrated >= threshold) {
                assertThat(set).startsWith(prediction.path("class").stringValue());
            } else {
                assertThat(set).isEmpty();
            }
            boolean far = prediction.path("far").booleanValue();
            assertThat(prediction.path("abstain").booleanValue()).isEqualTo(far || set.size() != 1);
            abstained += far || set.size() != 1 ? 1 : 0;
        }
        assertThat(run.number("abstained")).isEqualTo(abstained);
    }

    @Test
    void calibratedProbabilitiesAreThoseOfTheTemperature() {
        JsonNode prediction =
                ofModel("predict", model, "--input", INPUT).json("predictions").get(0);
        JsonNode classes = ofModel("explain", model, "--input", INPUT).json("classes");

        double temperature = calibration(model).temperature();
        double sum = 0;
        double best = classes.get(0).path("logit").doubleValue();
        for (JsonNode c : classes) {
            sum += Math.exp((c.path("logit").doubleValue() - best) / temperature);
        }
        assertThat(prediction.path("calibratedProbability").doubleValue()).isCloseTo(1 / sum, within(1e-9));
        assertThat(classes.get(0).path("calibratedProbability").doubleValue()).isCloseTo(1 / sum, within(1e-9));
        assertThat(prediction.path("probability").doubleValue())
                .isCloseTo(classes.get(0).path("probability").doubleValue(), within(1e-9));
    }

    @Test
    void rateThatSixItemsCannotGiveMakesTheModelAbstainAlways() {
        CommandRun run = ofModel("predict", model, "--input", INPUT, "--alpha", 0.1);

        assertThat(run.err())
                .contains(
                        "warning: an error rate of 0.1 needs at least 9 calibration items; the classifier has 6, so every set "
                                + "holds every class");
        JsonNode prediction = run.json("predictions").get(0);
        assertThat(prediction.path("set").size()).isEqualTo(3);
        assertThat(prediction.path("set").get(0)).isEqualTo(prediction.path("class"));
        assertThat(prediction.path("abstain").booleanValue()).isTrue();
    }

    @Test
    void csvAndTextAddColumnsAtTheEnd() throws IOException {
        Path file = folder.resolve("predictions.csv");
        CommandRun run = run("predict --error-rate 0.1 --model", model, "--data", later, "--out", file);

        assertThat(run.out())
                .endsWith("6 predictions written to " + file
                        + ", 6 of them abstain, 6 of them far from the training items\n");
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.getFirst())
                .isEqualTo(
                        "id,class,probability,concepts,calibratedProbability,set,abstain,distance,distanceQuantile,far");
        assertThat(lines.get(1))
                .matches("a,\\w+,[\\d.]+,.*,[01]\\.\\d{6},\\w+; \\w+; \\w+,true,[\\d.]+,[\\d.]+,(true|false)");
        CommandRun text = run("predict --error-rate 0.1 --model", model, "--input", INPUT);
        assertThat(text.out())
                .matches(
                        "input\t\\w+\tprobability [\\d.]+\t.*\tcalibrated [01]\\.\\d{3}\tabstains: \\w+ or \\w+ or \\w+\t"
                                + "(FAR FROM TRAINING: )?farther out than \\d+ % of the training items\n");
    }

    @Test
    void explainNamesTheSet() {
        CommandRun run = ofModel("explain", model, "--input", INPUT, "--error-rate", 0.1);

        assertThat(run.number("errorRate")).isEqualTo(0.1);
        assertThat(run.json("set").size()).isEqualTo(3);
        assertThat(run.json("abstain").booleanValue()).isTrue();
        assertThat(run("explain --error-rate 0.1 --model", model, "--input", INPUT)
                        .out())
                .contains("  calibrated\n", "at an error rate of 10.0 %: abstains: ");
        assertThat(run("explain --error-rate 0.1 --model", model).status()).isEqualTo(2);
    }

    @Test
    void evaluateJudgesProbabilitiesAndSets() {
        CommandRun run = ofModel("evaluate", model, "--data", later, "--error-rate", "0.1,0.5");

        JsonNode found = run.json("calibration");
        assertThat(found.path("judged").intValue()).isEqualTo(6);
        assertThat(found.path("leftOut").intValue()).isZero();
        assertThat(found.path("temperature").doubleValue())
                .isEqualTo(calibration(model).temperature());
        assertThat(found.path("before").path("logLoss").doubleValue()).isPositive();
        assertThat(found.path("after").path("calibrationErrorInterval").size()).isEqualTo(2);
        JsonNode few = found.path("sets").get(0);
        assertThat(few.path("tooFewItems").booleanValue()).isTrue();
        assertThat(few.path("errors").doubleValue()).isZero();
        assertThat(few.path("meanSize").doubleValue()).isEqualTo(3);
        assertThat(found.path("sets").get(1).path("errorRate").doubleValue()).isEqualTo(0.5);
        assertThat(run.err()).contains("warning: an error rate of 0.1 needs at least 9 calibration items");
    }

    @Test
    void evaluateLeavesOutWhatTheModelWasCalibratedOn() {
        CommandRun run = ofModel("evaluate", model, "--data", data);

        JsonNode found = run.json("calibration");
        int leftOut = calibration(model).contents().size(); // 3 validation and 6 test items
        assertThat(leftOut).isEqualTo(9);
        assertThat(found.path("leftOut").intValue()).isEqualTo(leftOut);
        assertThat(found.path("judged").intValue()).isEqualTo(36 - leftOut);
        assertThat(run.err()).contains("warning: 9 of these items calibrated the classifier and are left out");
        assertThat(run("evaluate --model", model, "--data", data).out())
                .contains("temperature ", "log loss", "Prediction sets, calibrated on 6 test items of seed 0");
    }

    @Test
    void editedModelHasNoCalibrationUntilItGetsOne() {
        assertThat(changed.err())
                .contains("the edited classifier has no calibration", "concepts calibrate --model " + edited);
        CommandRun plain = ofModel("predict", edited, "--input", INPUT);
        assertThat(plain.json("predictions").get(0).propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "class", "probability", "concepts", "distance", "distanceQuantile", "far");
        assertThat(plain.err())
                .contains("no calibrated probabilities: " + edited)
                .contains("THIS MODEL WAS EDITED BY HAND after training: dropped \"dinner\"", "from before the edits");
        CommandRun refused = run("predict --json --error-rate 0.1 --model", edited, "--input", INPUT);
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.json("error").stringValue())
                .startsWith("--error-rate needs a calibrated model; got one without");
        assertThat(ofModel("evaluate", edited, "--data", later).json().propertyNames())
                .doesNotContain("calibration");

        Path calibrated = folder.resolve("calibrated");
        CommandRun run = ofModel("calibrate", edited, "--data", later, "--out", calibrated);

        assertThat(run.number("items")).isEqualTo(4); // 2 of 6 chose the temperature
        assertThat(run.number("ratesFrom")).isEqualTo(0.2);
        assertThat(run.number("temperature")).isEqualTo(calibration(calibrated).temperature());
        assertThat(calibration(calibrated).setsFrom()).isEqualTo("items of later.csv");
        assertThat(ofModel("predict", calibrated, "--input", INPUT, "--error-rate", 0.5)
                        .number("errorRate"))
                .isEqualTo(0.5);
        CommandRun judged = ofModel("evaluate", calibrated, "--data", later);
        assertThat(judged.json("calibration").path("judged").intValue()).isZero();
        assertThat(judged.err()).contains("calibrated on all of these items");
    }

    @Test
    void trainingItemsCannotCalibrate() throws IOException {
        List<String> lines = Files.readAllLines(data);
        SplitRecord split = ConceptClassifier.read(model).splits().getFirst();
        Path some = Files.write(
                folder.resolve("some.csv"),
                lines.stream()
                        .filter(line -> !split.test().ids().contains(line.substring(0, line.indexOf(','))))
                        .map(line -> line.replaceFirst("^[a-z]\\d", "x$0")) // other ids
                        .toList());
        CommandRun run = run("calibrate --json --model", model, "--data", some, "--out", folder.resolve("none"));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.json("error").stringValue())
                .isEqualTo("items to calibrate on must be of at least 2 contents that the classifier never saw;"
                        + " got 0 and 30 items of its training");
        assertThat(Objects.requireNonNull(folder.toFile().list())).doesNotContain("none");

        Path mixed = folder.resolve("mixed.csv");
        Files.write(mixed, Files.readAllLines(some));
        Files.write(mixed, Files.readAllLines(later).subList(1, 7), StandardOpenOption.APPEND);
        CommandRun rest = ofModel("calibrate", model, "--data", mixed, "--out", folder.resolve("rest"));

        assertThat(rest.number("items")).isEqualTo(4); // of the 6 that are new
        assertThat(rest.err())
                .contains(
                        "warning: 30 of 36 items are left out: the model learned from them or chose its settings on them");
        CommandRun judged = ofModel("evaluate", model, "--data", mixed);
        assertThat(judged.number("trainingItems")).isEqualTo(30);
        assertThat(judged.number("accuracyOnOthers"))
                .isEqualTo(ofModel("evaluate", model, "--data", later).number("accuracy"));
        assertThat(judged.err()).contains("warning: 30 of 36 items are ones that the model learned from");
        assertThat(ofModel("predict", model, "--data", mixed).err()).contains("warning: 30 of 36 items are ones that");
        assertThat(ofModel("explain", model, "--audit", "--data", mixed).err())
                .contains("warning: 30 of 36 items are ones that");
        assertThat(ofModel("intervene", model, "--drop", "dinner", "--data", mixed)
                        .json("notes")
                        .toString())
                .contains("30 of 36 items are ones that");
    }

    @Test
    void rateMustBeBetweenZeroAndOne() {
        for (String command : List.of("predict --input x", "explain --input x", "evaluate --data none.csv")) {
            for (String rate : List.of("0", "1", "10", "-0.5", "NaN")) {
                CommandRun run = run(command + " --json --model none --error-rate=" + rate);

                assertThat(run.status()).isEqualTo(2);
                assertThat(run.json("error").stringValue())
                        .startsWith("the error rate must be above 0 and below 1, such as 0.1 for one in ten; got ");
            }
        }
    }
}
