package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.Generator;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code lapidary lm evaluate} and {@code lapidary lm generate} on a model of random weights. */
class LmRunCommandsTest {
    private static final String PROMPT = "the cat sees";

    @TempDir
    private static Path shared;

    private static Path text;
    private static Path model;
    private static Path mask;
    private static int tokens;

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallLanguageModel small = SmallLanguageModel.in(shared, 100);
        text = small.text();
        model = small.model();
        mask = shared.resolve("mask");
        CommandRun pruned = CommandRun.of("mask", "prune", "--model", model, "--method", "magnitude", "--out", mask);
        assertThat(pruned.status()).as(pruned.err()).isZero();
        try (var tokenizer = TextTokenizer.open(model)) {
            tokens = tokenizer.encode(Files.readString(text)).length;
        }
    }

    @Test
    void evaluateCountsTokensAndWindowsOfTheModelsOwnContext() {
        CommandRun run = evaluate("--text", text);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().propertyNames())
                .containsExactly(
                        "perplexity", "protocol", "context", "tokens", "scored", "windows", "engine", "seconds");
        assertThat(run.json("protocol").stringValue()).isEqualTo("hf");
        assertThat(run.json("engine").stringValue()).isEqualTo("pytorch");
        assertThat(run.number("context")).isEqualTo(32);
        assertThat(run.number("tokens")).isEqualTo(tokens);
        assertThat(run.number("windows")).isEqualTo(tokens / 32);
        assertThat(run.number("scored")).isEqualTo(tokens / 32 * 31.0);
        assertThat(run.number("perplexity")).isBetween(200.0, 400.0); // random weights know nothing of 300 tokens
    }

    @Test
    void evaluateByTheOtherProtocols() {
        CommandRun megatron = evaluate("--text", text, "--protocol", "megatron", "--context", 16);
        assertThat(megatron.number("scored")).isEqualTo(tokens - 1);
        assertThat(megatron.number("windows")).isEqualTo((tokens - 2) / 16 + 1);

        CommandRun llama = evaluate("--text", text, "--protocol", "llamacpp", "--context", 16);
        assertThat(llama.json("protocol").stringValue()).isEqualTo("llamacpp");
        assertThat(llama.number("scored")).isEqualTo(tokens / 16 * 7.0);
    }

    @Test
    void textsAreReadInOrderAsOne() throws IOException {
        String whole = Files.readString(text);
        Path first = Files.writeString(folder.resolve("1"), whole.substring(0, 501));
        Path second = Files.writeString(folder.resolve("2"), whole.substring(501));

        assertThat(evaluate("--text", first, second).number("perplexity"))
                .isEqualTo(evaluate("--text", text).number("perplexity"));
        assertThat(evaluate("--text", second, "--text", first).number("perplexity"))
                .isNotEqualTo(evaluate("--text", text).number("perplexity"));
    }

    @Test
    void evaluateWithAMaskMeasuresTheMaskedModel() throws IOException {
        Path masked = folder.resolve("masked");
        Files.createDirectories(masked);
        Files.copy(model.resolve("tokenizer.json"), masked.resolve("tokenizer.json"));
        try (LanguageModel opened = LanguageModel.open(model)) {
            dev.lapidary.sparsity.MaskFolder.read(mask).applyTo(opened);
            opened.saveReplaced(masked, DType.F32);
        }

        double withMask = evaluate("--text", text, "--mask", mask).number("perplexity");

        assertThat(withMask).isNotEqualTo(evaluate("--text", text).number("perplexity"));
        double stored = CommandRun.of("lm", "evaluate", "--model", masked, "--text", text, "--json")
                .number("perplexity");
        assertThat(withMask).isCloseTo(stored, within(1e-6 * stored));
    }

    @Test
    void evaluateWithSeveralMasksPutsEachBesideTheDenseModel() {
        double dense = evaluate("--text", text).number("perplexity");
        double alone = evaluate("--text", text, "--mask", mask).number("perplexity");

        CommandRun json = evaluate("--text", text, "--mask", mask, "--mask", mask);
        CommandRun table = CommandRun.of("lm", "evaluate", "--model", model, "--text", text, "--mask", mask);

        assertThat(json.number("dense")).isEqualTo(dense);
        assertThat(json.json("masks")
                        .valueStream()
                        .map(one -> one.path("perplexity").doubleValue()))
                .containsExactly(alone, alone);
        assertThat(json.json("masks").get(0).path("method").stringValue()).isEqualTo("magnitude");
        assertThat(json.json("masks").get(0).path("density").doubleValue()).isEqualTo(0.5);
        assertThat(json.json().has("perplexity")).isFalse();
        assertThat(table.out())
                .contains(
                        "(none)",
                        "magnitude",
                        "50.0 %",
                        String.format(Locale.ROOT, "%+.1f %%", 100 * (alone / dense - 1)));
    }

    @Test
    void textForPeopleHasTheCounts() {
        CommandRun run = CommandRun.of("lm", "evaluate", "--model", model, "--text", text);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("Perplexity ")
                .contains("protocol hf, context 32", (tokens / 32) + " windows", "on pytorch");
    }

    @Test
    void evaluateRefusesBadInputInOneLine() throws IOException {
        Path tiny = Files.writeString(folder.resolve("tiny.txt"), "the cat");
        Path bad = Files.write(folder.resolve("bad.txt"), new byte[] {'a', (byte) 0xff});
        refused(evaluate("--text", tiny), "must fill a window of 32 tokens; got");
        refused(evaluate("--text", bad), "text must be UTF-8; got byte 0xFF");
        refused(evaluate("--text", folder.resolve("none.txt")), "none.txt");
        refused(evaluate("--text", text, "--context", 33), "at most the model's own, 32; got 33");
        refused(evaluate("--text", text, "--context", 1), "at least 2");
        refused(evaluate("--text", text, "--protocol", "wikitext"), "hf, megatron or llamacpp; got wikitext");
        refused(evaluate("--text", text, "--mask", folder), "lapidary.json");
        refused(CommandRun.of("lm", "evaluate", "--model", folder, "--text", text, "--json"), "config.json");
        refused(CommandRun.of("lm", "evaluate", "--model", model, "--json"), "--text");
    }

    @Test
    void aTokenizerOfAnotherModelIsRefused() throws IOException {
        Path other = folder.resolve("other");
        copy(model, other);
        BytePairTrainer.train(
                List.of(Files.readString(text) + "More words, words, words of another book, another book."),
                310,
                other.resolve("tokenizer.json"),
                Progress.silent());

        refused(
                CommandRun.of("lm", "evaluate", "--model", other, "--text", text, "--json"),
                "the tokenizer's tokens must have rows in the model's embedding; got 310 tokens and 300 rows");
        refused(
                CommandRun.of("lm", "generate", "--model", other, "--prompt", PROMPT, "--json"),
                "got 310 tokens and 300 rows");
    }

    @Test
    void aMaskOfAnotherModelIsRefused() throws IOException {
        Path other = folder.resolve("other");
        copy(model, other);
        try (var changed = LanguageModel.create(dev.lapidary.language.ConfigJson.read(model), 2)) {
            changed.save(other, DType.F32);
        }

        refused(
                CommandRun.of("lm", "evaluate", "--model", other, "--mask", mask, "--text", text, "--json"),
                "must be applied to the model that they were made for");
    }

    @Test
    void generatePrintsTheContinuationAndWithJsonOneObject() throws IOException {
        String expected;
        try (LanguageModel opened = LanguageModel.open(model);
                TextTokenizer tokenizer = TextTokenizer.open(model)) {
            expected = new Generator(opened, tokenizer)
                    .generate(
                            PROMPT,
                            new GenerateOptions(12, 0.9, 20, 0.9, List.of(), 4),
                            piece -> {},
                            Cancellation.none())
                    .text();
        }
        Object[] options = {"--max-tokens", 12, "--temperature", 0.9, "--top-k", 20, "--top-p", 0.9, "--seed", 4};

        CommandRun people = generate(options);
        CommandRun json = generate(with(options, "--json"));

        assertThat(people.status()).as(people.err()).isZero();
        assertThat(people.out()).isEqualTo(expected + System.lineSeparator());
        assertThat(json.out().lines()).hasSize(1);
        JsonNode object = json.json();
        assertThat(object.propertyNames())
                .containsExactly(
                        "prompt",
                        "text",
                        "promptTokens",
                        "tokens",
                        "finish",
                        "restarts",
                        "tokensPerSecond",
                        "seed",
                        "engine");
        assertThat(object.path("prompt").stringValue()).isEqualTo(PROMPT);
        assertThat(object.path("text").stringValue()).isEqualTo(expected);
        assertThat(object.path("tokens").intValue()).isEqualTo(12);
        assertThat(object.path("finish").stringValue()).isEqualTo("length");
        assertThat(object.path("seed").longValue()).isEqualTo(4);
        assertThat(object.path("engine").stringValue()).isEqualTo("pytorch");
        assertThat(json.number("tokensPerSecond")).isPositive();
    }

    @Test
    void generateStopsSlidesAndMasks() {
        CommandRun free = generate("--max-tokens", 60, "--temperature", 0, "--json");
        assertThat(free.number("restarts")).isPositive();
        String whole = free.json("text").stringValue();
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);

        CommandRun stopped =
                generate("--max-tokens", 60, "--temperature", 0, "--stop", "no such", "--stop", stop, "--json");
        assertThat(stopped.json("finish").stringValue()).isEqualTo("stop");
        assertThat(stopped.json("text").stringValue()).isEqualTo(whole.substring(0, whole.indexOf(stop)));

        CommandRun masked = generate("--max-tokens", 60, "--mask", mask, "--json");
        assertThat(masked.json("text").stringValue())
                .isNotEqualTo(
                        generate("--max-tokens", 60, "--json").json("text").stringValue());
    }

    @Test
    void generateRefusesBadOptions() {
        refused(generate("--max-tokens", 0, "--json"), "max-tokens must be at least 1; got 0");
        refused(generate("--temperature", -1, "--json"), "temperature must be 0 or more; got -1.0");
        refused(generate("--top-p", 1.5, "--json"), "top-p must be above 0 and at most 1; got 1.5");
        refused(generate("--top-k", -2, "--json"), "got -2");
        refused(generate("--stop", "", "--json"), "got an empty one");
        refused(generate("--max-tokens", "many", "--json"), "many");
        refused(CommandRun.of("lm", "generate", "--model", model, "--prompt", "", "--json"), "got an empty one");
        refused(CommandRun.of("lm", "generate", "--model", model, "--json"), "--prompt");
    }

    private static CommandRun evaluate(Object... options) {
        return CommandRun.of(with(new Object[] {"lm", "evaluate", "--model", model, "--json"}, options));
    }

    private static CommandRun generate(Object... options) {
        return CommandRun.of(with(new Object[] {"lm", "generate", "--model", model, "--prompt", PROMPT}, options));
    }

    private static Object[] with(Object[] first, Object... more) {
        Object[] all = java.util.Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }
}
