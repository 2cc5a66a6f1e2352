package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    private static final int CONTEXT = 24;
    private static final String PROMPT = "She sells sea";

    @TempDir
    private Path folder;

    private TextTokenizer tokenizer;
    private LanguageModel model;
    private final List<String> pieces = new ArrayList<>();

    @BeforeEach
    void create() throws IOException {
        SmallTokenizer.train(folder, 300);
        tokenizer = TextTokenizer.open(folder);
        model = model(304); // four rows that no token has
    }

    private static LanguageModel model(int vocabulary) {
        var model = LanguageModel.create(ModelConfig.llama(vocabulary, 16, 2, 2, CONTEXT), 3);
        try (var scope = TorchScope.open()) { // far from equal logits
            model.parameters().forEach((name, value) -> {
                if (!name.contains("norm")) {
                    model.replace(name, value.mul(new Scalar(15.0)).detach());
                }
            });
        }
        return model;
    }

    @AfterEach
    void close() {
        model.close();
        tokenizer.close();
    }

    @Test
    void greedyTakesTheLikeliestTokenOfTheWholeForward() {
        Generated generated = generate(PROMPT, GenerateOptions.greedy(10));

        int[] ids = plain(tokenizer.encode(PROMPT), 10);
        assertThat(generated.text()).isEqualTo(tail(ids)).isEqualTo(String.join("", pieces));
        assertThat(generated.tokens()).isEqualTo(10);
        assertThat(generated.promptTokens()).isEqualTo(tokenizer.encode(PROMPT).length);
        assertThat(generated.finish()).isEqualTo(Generated.Finish.LENGTH);
        assertThat(generated.restarts()).isZero();
    }

    @Test
    void aFullContextGoesOnFromItsNewerHalf() {
        Generated generated = generate(PROMPT, GenerateOptions.greedy(60));

        assertThat(generated.restarts()).isGreaterThan(2);
        assertThat(generated.text()).isEqualTo(tail(plain(tokenizer.encode(PROMPT), 60)));
    }

    @Test
    void aPromptLongerThanTheContextIsReadFromItsEnd() {
        String prompt = PROMPT.repeat(9);
        Generated generated = generate(prompt, GenerateOptions.greedy(5));

        assertThat(generated.restarts()).isEqualTo(1);
        int[] ids = tokenizer.encode(prompt);
        assertThat(ids.length).isGreaterThan(CONTEXT);
        int[] newer = Arrays.copyOfRange(ids, ids.length - CONTEXT / 2, ids.length);
        assertThat(generated.text()).isEqualTo(tail(plain(newer, 5), newer.length));
    }

    @Test
    void theSeedDecidesTheText() {
        assertThat(generate(PROMPT, hot(1)).text())
                .isEqualTo(generate(PROMPT, hot(1)).text());
        assertThat(generate(PROMPT, hot(1)).text())
                .isNotEqualTo(generate(PROMPT, hot(2)).text());
    }

    @Test
    void bothEnginesGiveTheSameText() {
        var codec = new Generator.Codec(tokenizer);
        model.restoreAll();
        scale(model);
        for (int threads = 1; threads <= 2; threads++) {
            try (Model runtime =
                    Model.of(model.config(), PackedParameters.weights(model, WeightType.F32), codec, threads)) {
                for (GenerateOptions options : List.of(
                        GenerateOptions.greedy(60), hot(1), new GenerateOptions(60, 0.9, 20, 0.9, List.of("zzz"), 4))) {
                    Generated expected = generate(PROMPT, options);
                    List<String> runtimePieces = new ArrayList<>();
                    Generated generated = runtime.generate(PROMPT, options, runtimePieces::add);

                    assertThat(generated.text()).isEqualTo(expected.text()).isEqualTo(String.join("", runtimePieces));
                    assertThat(generated.tokens()).isEqualTo(expected.tokens());
                    assertThat(generated.restarts()).isEqualTo(expected.restarts());
                    assertThat(generated.finish()).isEqualTo(expected.finish());
                }
            }
        }
    }

    private static void scale(LanguageModel model) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            model.parameters().forEach((name, value) -> {
                if (!name.contains("norm")) {
                    value.mul_(new Scalar(15.0));
                }
            });
        }
    }

    @Test
    void aStopTextEndsTheTextAndIsNoPartOfIt() {
        String free = generate(PROMPT, GenerateOptions.greedy(40)).text();
        String stop = free.substring(free.length() / 2, free.length() / 2 + 5);
        pieces.clear();

        Generated generated = generate(PROMPT, new GenerateOptions(40, 0, 0, 1, List.of("no such text", stop), 0));

        assertThat(generated.finish()).isEqualTo(Generated.Finish.STOP);
        assertThat(generated.text())
                .isEqualTo(free.substring(0, free.indexOf(stop)))
                .isEqualTo(String.join("", pieces));
        assertThat(generated.tokens()).isLessThanOrEqualTo(40);
    }

    @Test
    void theModelMayEndTheText() throws IOException {
        int[] ids = plain(tokenizer.encode(PROMPT), 10);
        int end = ids[tokenizer.encode(PROMPT).length + 4];
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [" + end + "]}");
        try (var ending = TextTokenizer.open(folder)) {
            Generated generated = new Generator(model, ending)
                    .generate(PROMPT, GenerateOptions.greedy(10), pieces::add, Cancellation.none());

            assertThat(generated.finish()).isEqualTo(Generated.Finish.END);
            assertThat(generated.tokens()).isBetween(1, 5);
            int begin = tokenizer.encode(PROMPT).length;
            int[] before = Arrays.copyOf(ids, begin + generated.tokens() - 1);
            assertThat(generated.text()).isEqualTo(tail(before, begin));
        }
    }

    @Test
    void anEmptyPromptBeginsWithTheTokenForIt() throws IOException {
        assertThatThrownBy(() -> generate("", GenerateOptions.greedy(1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got an empty one");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|endoftext|>\"}");
        try (var beginning = TextTokenizer.open(folder)) {
            Generated generated = new Generator(model, beginning)
                    .generate("", GenerateOptions.greedy(3), pieces::add, Cancellation.none());

            assertThat(generated.promptTokens()).isEqualTo(1);
        }
    }

    @Test
    void refusesAModelWithoutRowsForTheTokens() {
        try (var small = model(280)) {
            assertThatThrownBy(() -> new Generator(small, tokenizer))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got 300 tokens and 280 rows");
        }
    }

    @Test
    void stopsOnRequest() {
        var cancellation = new Cancellation();

        assertThatThrownBy(() -> new Generator(model, tokenizer)
                        .generate(PROMPT, GenerateOptions.greedy(100), piece -> cancellation.cancel(), cancellation))
                .isInstanceOf(CancellationException.class);
    }

    private Generated generate(String prompt, GenerateOptions options) {
        return new Generator(model, tokenizer).generate(prompt, options, pieces::add, Cancellation.none());
    }

    private static GenerateOptions hot(long seed) {
        return new GenerateOptions(15, 1.5, 0, 1, List.of(), seed);
    }

    private String tail(int[] ids) {
        return tail(ids, tokenizer.encode(PROMPT).length);
    }

    private String tail(int[] ids, int from) {
        return tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length), true);
    }

    /** The first of 300 tokens with the highest logit, which no rounding makes another. */
    private static int likeliest(float[] logits) {
        int best = 0;
        int second = 1;
        for (int k = 1; k < 300; k++) {
            if (logits[k] > logits[best]) {
                second = best;
                best = k;
            } else if (k != second && logits[k] > logits[second]) {
                second = k;
            }
        }
        assertThat(logits[best] - logits[second]).isGreaterThan(1e-4f * Math.abs(logits[best]));
        return best;
    }

    /** The prompt and the likeliest tokens, each from a forward over all that the context holds. */
    private int[] plain(int[] prompt, int tokens) {
        int[] ids = prompt;
        int start = 0;
        for (int i = 0; i < tokens; i++) {
            if (ids.length - start > CONTEXT) {
                start = ids.length - CONTEXT / 2;
            }
            try (var scope = TorchScope.open()) {
                long[] window =
                        Arrays.stream(ids, start, ids.length).asLongStream().toArray();
                Tensor hidden = model.hidden(Tensors.of(window, 1, window.length));
                float[] logits = Tensors.toFloats(model.logits(hidden.narrow(1, window.length - 1, 1)));
                int best = likeliest(logits);
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = best;
            }
        }
        return ids;
    }
}
