package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.DividedText;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.sparsity.LearnedMask;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskLearningRun;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lapidary mask learn} from folder to folder. */
class MaskLearnCommandTest {
    @TempDir
    private static Path shared;

    private static Path text;
    private static Path model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallLanguageModel small = SmallLanguageModel.in(shared, 600);
        text = small.text();
        model = small.model();
    }

    @Test
    void learnsAMaskAndComparesItOnWhatWasHeldOut() throws IOException {
        CommandRun run = learn(folder.resolve("mask"), "--compare", "magnitude,sparsegpt-update");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("steps")).isEqualTo(4);
        assertThat(run.number("weights")).isEqualTo(2 * (4 * 32 * 32 + 3 * 32 * 96));
        assertThat(run.number("flippedFromPrior")).isBetween(0.0, 0.5);
        assertThat(run.number("secondsPerStep")).isBetween(1e-6, run.number("seconds"));
        assertThat(run.number("predictedPeakBytes")).isGreaterThan(1e7);
        assertThat(run.json("methods").propertyNames())
                .containsExactlyInAnyOrder("dense", "maskllm", "magnitude", "sparsegpt-update");
        assertThat(run.json("methods").path("maskllm").doubleValue()).isEqualTo(run.number("perplexity"));
        assertThat(run.json("layers").size()).isEqualTo(14);
        MaskSet learned = MaskFolder.read(folder.resolve("mask"));
        assertThat(learned.method()).isEqualTo("maskllm");
        assertThat(learned.density()).isEqualTo(0.5);
        assertThat(Files.readAllLines(folder.resolve("mask").resolve("metrics.jsonl")))
                .hasSize(4);
        assertThat(folder.resolve("mask").resolve("report.json")).isRegularFile();
        assertThat(folder.resolve(".mask.unfinished")).doesNotExist();
        OutputFolderTest.assertReplaceable(
                folder.resolve("mask"), "none", "mask", "learn", "--model", "none", "--text", text, "--out");

        CommandRun transfer = learn(
                folder.resolve("other"), "--compare", "none", "--prior", folder.resolve("mask"), "--state", "bf16");
        assertThat(transfer.status()).as(transfer.err()).isZero();
        assertThat(transfer.json("methods").propertyNames()).containsExactlyInAnyOrder("dense", "maskllm");
        assertThat(transfer.json("gapClosed").propertyNames()).isEmpty();
        assertThat(transfer.json("gapClosedUndefined").asString()).startsWith("no one-shot mask on unchanged weights");

        CommandRun onto = learn(folder.resolve("mask"), "--prior", folder.resolve("mask"));
        assertThat(onto.status()).isEqualTo(2);
        assertThat(onto.err()).contains("must be another folder than the one that is read");
    }

    /** What nobody says is the same on the command line and in a library call, and so are mask and figures. */
    @Test
    void defaultsAreThoseOfTheLibraryCall() throws IOException {
        CommandRun run = learn(folder.resolve("mask"));
        assertThat(run.status()).as(run.err()).isZero();

        MaskLearningSettings settings =
                MaskLearningSettings.defaults().withSteps(4).withBatch(4);
        try (LanguageModel opened = LanguageModel.open(model);
                TextTokenizer tokenizer = TextTokenizer.open(model)) {
            LearnedMask learned = MaskLearningRun.of(opened)
                    .settings(settings)
                    .run(DividedText.read(List.of(text), tokenizer, opened.config(), MaskLearningRun.HELD_OUT));
            learned.perplexities()
                    .forEach((method, perplexity) -> assertThat(
                                    run.json("methods").path(method).doubleValue())
                            .as(method)
                            .isCloseTo(perplexity, within(1e-3 * perplexity)));
            assertThat(run.json("methods").propertyNames())
                    .isEqualTo(learned.perplexities().keySet());
            assertThat(run.json("prior").asString()).isEqualTo(learned.prior());
            assertThat(run.json("pattern").asString())
                    .isEqualTo(learned.masks().pattern().toString());
            assertThat(MaskFolder.read(folder.resolve("mask")).settings())
                    .isEqualTo(learned.masks().settings());
        }
    }

    @Test
    void theTableIsMeasuredOnATextOfItsOwn() throws IOException {
        Path test = SmallLanguageModel.writeText(folder.resolve("test.txt"), 60);
        refused("by --test or by --holdout; got both", "--text", text, "--test", test, "--holdout", 0.2);
        CommandRun run = learn(folder.resolve("mask"), "--compare", "none", "--prior", "none", "--test", test);

        assertThat(run.status()).as(run.err()).isZero();
        double dense = CommandRun.of("lm", "evaluate", "--model", model, "--text", test, "--json")
                .number("perplexity");
        assertThat(run.json("methods").path("dense").doubleValue()).isCloseTo(dense, within(1e-4 * dense));
    }

    @Test
    void stoppedAndResumedWritesTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        Object[] options = {"--compare", "none", "--prior", "magnitude", "--steps", 7};
        assertThat(learn(whole, options).status()).isZero();

        StoppedRun stopped = StoppedRun.after(3, "learning 2:4", words(parts, options));
        assertThat(stopped.status()).as(stopped.err()).isEqualTo(130);
        assertThat(stopped.err()).contains("what is done is kept in " + folder.resolve(".parts.unfinished"));
        assertThat(parts).doesNotExist();
        try (Checkpoint checkpoint = Checkpoint.open(
                Checkpoint.last(folder.resolve(".parts.unfinished").resolve("checkpoints")))) {
            assertThat(checkpoint.step()).isEqualTo(3);
        }
        CommandRun.refused(
                words(parts, "--compare", "none", "--prior", "magnitude", "--steps", 9, "--seed", 1)
                        .toArray(),
                "must belong to this plan with --seed 1, --steps 9; got --seed 0, --steps 7; go on with the same settings");
        List<String> resume = new ArrayList<>(words(parts, options));
        assertThat(StoppedRun.after(2, "learning 2:4", resume).task())
                .isEqualTo("learning 2:4 masks, resumed after step 3");
        CommandRun resumed = CommandRun.of(resume.toArray());

        assertThat(resumed.status()).as(resumed.err()).isZero();
        assertThat(resumed.number("steps")).isEqualTo(7);
        assertThat(parts.resolve("mask.safetensors")).hasSameBinaryContentAs(whole.resolve("mask.safetensors"));
        assertThat(Files.readAllLines(parts.resolve("metrics.jsonl"))).hasSize(7);
    }

    /** In a JVM of its own, whose memory is that of the command alone; the collector is one whose heap grows. */
    @Test
    void takesNoMoreMemoryThanPredicted() throws IOException, InterruptedException {
        List<String> words = words(folder.resolve("mask"), "--compare", "none", "--prior", "none", "--steps", 15);
        Path answer = folder.resolve("answer");
        ProcessBuilder builder = ForkedJvm.of(Main.class, words.toArray(String[]::new))
                .redirectOutput(answer.toFile())
                .redirectError(folder.resolve("errors").toFile());
        builder.environment()
                .put(
                        "JDK_JAVA_OPTIONS",
                        "-XX:+UseG1GC --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED");
        assertThat(builder.start().waitFor())
                .as(Files.readString(folder.resolve("errors")))
                .isZero();

        CommandRun run = new CommandRun(0, Files.readString(answer), "");
        assertThat(run.number("peakBytes")).isBetween(1e8, run.number("predictedPeakBytes"));
        assertThat(run.number("predictedPeakBytes")).isLessThan(run.number("peakBytes") + 1.5 * (1L << 30));
    }

    @Test
    void aBudgetLeavesLayersDense() {
        CommandRun run = learn(
                folder.resolve("mask"), "--compare", "magnitude", "--max-dense-layers", 13, "--prior", "magnitude");

        assertThat(run.status()).as(run.err()).isZero();
        String help = CommandRun.of("mask", "learn", "--help").out();
        String fields = help.substring(help.indexOf("JSON:"))
                .lines()
                .takeWhile(line -> !line.startsWith(" "))
                .collect(Collectors.joining(" "));
        assertThat(fields)
                .as("every field is named in the help")
                .contains(run.json().propertyNames());
        int dense = run.json("budget").path("denseLayers").size();
        assertThat(dense).isBetween(0, 13);
        assertThat(MaskFolder.read(folder.resolve("mask")).layers()).hasSize(14 - dense);
    }

    @Test
    void refusesBadInputWithOneLineAndWritesNothing() throws IOException {
        Path tiny = Files.writeString(folder.resolve("tiny.txt"), "the cat sees a dog");
        refused("must fill a window of 32 tokens; got", "--text", tiny);
        String priors = OneShotMethod.all().stream()
                .filter(method -> !method.changesWeights())
                .map(OneShotMethod::name)
                .collect(Collectors.joining(", "));
        refused("the prior must be none, " + priors + " or a mask folder; got best", "--text", text, "--prior", "best");
        refused("got sparsegpt-update", "--text", text, "--prior", "sparsegpt-update");
        refused("--holdout must be between 0 and 1; got 1.0", "--text", text, "--holdout", 1);
        refused("--tau must be two positive numbers A,B; got 4", "--text", text, "--tau", 4);
        refused("steps must be at least 1; got 0", "--text", text, "--steps", 0);
        refused("f64", "--text", text, "--state", "f64");
        refused("got best", "--text", text, "--compare", "best");
        refused("in=32, m=5", "--text", text, "--pattern", "2:5");
        refused("must leave some of the model's 14 linear", "--text", text, "--max-dense-layers", 14);
        refused("--gate-lr must be positive; got NaN", "--text", text, "--gate-lr", "NaN");
        refused("the perplexity budget must be at least that of the dense", "--text", text, "--max-perplexity", 1.01);
        assertThat(folder.resolve(".mask.unfinished")).doesNotExist();
    }

    @Test
    void refusesWhatWouldNotFitInMemory() {
        refused(
                "learning must fit in the memory that is free",
                "--text",
                text,
                "--prior",
                "none",
                "--compare",
                "none",
                "--batch",
                50_000_000,
                "--microbatch",
                50_000_000);
        assertThat(folder.resolve(".mask.unfinished")).doesNotExist();
    }

    private void refused(String part, Object... options) {
        List<Object> words =
                new ArrayList<>(List.of("mask", "learn", "--model", model, "--out", folder.resolve("mask"), "--json"));
        words.addAll(List.of(options));

        CommandRun.refused(words.toArray(), part);
        assertThat(folder.resolve("mask")).doesNotExist();
    }

    private static CommandRun learn(Path out, Object... options) {
        return CommandRun.of(words(out, options).toArray());
    }

    /** The command line, of four steps where none are given. */
    private static List<String> words(Path out, Object... options) {
        List<Object> words = new ArrayList<>(
                List.of("mask", "learn", "--model", model, "--text", text, "--batch", 4, "--out", out, "--json"));
        words.addAll(List.of(options));
        if (!words.contains("--steps")) {
            words.addAll(List.of("--steps", 4));
        }
        return words.stream().map(Object::toString).toList();
    }
}
