package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PerplexityTest {
    private static final int VOCABULARY = 23;
    private static final int CONTEXT = 8;

    /** Of a loss in float32: two blocks whose sums are as long as their widths, and logits of some ten. */
    private static final double LOSS_ERROR = Rounding.float32(2 * (16 + 8 + 8 + 16 + 16 + 64) + 16, 10);

    private static LanguageModel model;

    @BeforeAll
    static void create() {
        model = LanguageModel.create(ModelConfig.llama(VOCABULARY, 16, 2, 2, CONTEXT), 1);
        try (var scope = TorchScope.open()) {
            for (String name : model.prunable()) { // large enough that what comes before matters
                model.replace(name, model.parameter(name).mul(new Scalar(20.0)).detach());
            }
            String embedding = model.parameters().firstEntry().getKey();
            model.replace(
                    embedding, model.parameter(embedding).mul(new Scalar(30.0)).detach());
        }
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void goldenBigramModel() throws IOException {
        JsonNode golden = golden();
        int[] tokens = ints(golden.path("tokens"));

        var hf = bigram(golden, tokens, Protocol.HF, 5);
        assertThat(hf.perplexity()).isCloseTo(9.286274148593037, within(1e-12));
        assertThat(hf.perplexity()).isCloseTo(golden.at("/hf_windows/ppl").doubleValue(), within(1e-12));
        assertThat(hf.tokens()).isEqualTo(17);
        assertThat(hf.windows()).isEqualTo(3);
        assertThat(hf.scored()).isEqualTo(3 * 4);

        var megatron = bigram(golden, tokens, Protocol.MEGATRON, 5);
        assertThat(megatron.perplexity())
                .isCloseTo(golden.at("/megatron_overlap_eq_seqlen/ppl").doubleValue(), within(1e-12));
        assertThat(megatron.windows()).isEqualTo(4);
        assertThat(megatron.scored()).isEqualTo(16);

        var llama = bigram(golden, tokens, Protocol.LLAMACPP, 6);
        assertThat(llama.perplexity()).isCloseTo(golden.at("/llama_cpp/ppl").doubleValue(), within(1e-12));
        assertThat(llama.windows()).isEqualTo(2);
        assertThat(llama.scored()).isEqualTo(4);
        assertThat(llama.context()).isEqualTo(6);
        assertThat(llama.protocol()).isEqualTo(Protocol.LLAMACPP);
    }

    @Test
    void everyProtocolIsThePlainSumOverTheModelsLogits() {
        int[] tokens = tokens(400 + 3);
        for (Protocol protocol : Protocol.values()) {
            for (int context : new int[] {5, 8}) {
                var measured = Perplexity.measure(
                        model, tokens, protocol, context, OptionalInt.of(7), Progress.silent(), Cancellation.none());

                List<Double> losses = plain(tokens, protocol, context, 7);
                double mean = losses.stream().mapToDouble(Double::doubleValue).sum() / losses.size();
                assertThat(measured.scored()).isEqualTo(losses.size());
                assertThat(measured.perplexity()).isCloseTo(Math.exp(mean), within(LOSS_ERROR * Math.exp(mean)));
                assertThat(measured.tokens()).isEqualTo(tokens.length);
            }
        }
    }

    @Test
    void theBeginningOfATextMattersInLlamaCppsWindowsOnly() {
        int[] tokens = tokens(100);
        for (Protocol protocol : Protocol.values()) {
            double without = Perplexity.measure(model, tokens, protocol, 8, Progress.silent(), Cancellation.none())
                    .perplexity();
            double with = Perplexity.measure(
                            model, tokens, protocol, 8, OptionalInt.of(7), Progress.silent(), Cancellation.none())
                    .perplexity();

            assertThat(Math.abs(with - without) > 1e-3 * without).isEqualTo(protocol == Protocol.LLAMACPP);
        }
    }

    @Test
    void countsAtTheEdges() {
        WindowScorer uniform = windows -> {
            double[] losses = new double[windows.count() * (windows.length() - windows.skip())];
            java.util.Arrays.fill(losses, Math.log(11));
            return losses;
        };
        // tokens, windows and scored tokens of hf and megatron, L = 4
        int[][] cases = {{4, 1, 3, 1, 3}, {5, 1, 3, 1, 4}, {6, 1, 3, 2, 5}, {8, 2, 6, 2, 7}, {9, 2, 6, 2, 8}};
        for (int[] expected : cases) {
            var hf = of(uniform, expected[0], Protocol.HF, 4);
            assertThat(new long[] {hf.windows(), hf.scored()}).containsExactly(expected[1], expected[2]);
            var megatron = of(uniform, expected[0], Protocol.MEGATRON, 4);
            assertThat(new long[] {megatron.windows(), megatron.scored()}).containsExactly(expected[3], expected[4]);
            assertThat(megatron.perplexity()).isCloseTo(11, within(1e-12));
        }
        assertThat(of(uniform, 7, Protocol.LLAMACPP, 3).scored()).isEqualTo(2);
    }

    @Test
    void refusesWhatCannotBeMeasured() {
        int[] tokens = tokens(20);

        assertRefused(tokens, Protocol.HF, 9, "at most the model's own, 8; got 9");
        assertRefused(tokens(7), Protocol.HF, 8, "must fill a window of 8 tokens; got 7 tokens");
        assertRefused(tokens(7), Protocol.MEGATRON, 8, "must fill a window");
        assertRefused(new int[0], Protocol.LLAMACPP, 8, "got 0 tokens");
        assertRefused(tokens, Protocol.HF, 1, "at least 2 for protocol hf; got 1");
        assertRefused(tokens, Protocol.LLAMACPP, 2, "at least 3 for protocol llamacpp; got 2");
        tokens[4] = VOCABULARY;
        assertRefused(tokens, Protocol.HF, 8, "got token 23 and 23 rows");
        assertThatThrownBy(() -> of(windows -> new double[] {Double.NaN}, 8, Protocol.HF, 4))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be finite");
        assertThatThrownBy(() -> Protocol.parse("wikitext"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got wikitext");
        assertThat(Protocol.parse("llamacpp")).isEqualTo(Protocol.LLAMACPP);
    }

    @Test
    void stopsOnRequest() {
        var cancellation = new Cancellation();
        cancellation.cancel();

        assertThatThrownBy(() -> Perplexity.measure(model, tokens(50), Protocol.HF, 8, Progress.silent(), cancellation))
                .isInstanceOf(CancellationException.class);
    }

    private static void assertRefused(int[] tokens, Protocol protocol, int context, String message) {
        assertThatThrownBy(() ->
                        Perplexity.measure(model, tokens, protocol, context, Progress.silent(), Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private static PerplexityResult of(WindowScorer scorer, int tokens, Protocol protocol, int context) {
        return Perplexity.measure(
                scorer, tokens(tokens), protocol, context, OptionalInt.empty(), Progress.silent(), Cancellation.none());
    }

    private static PerplexityResult bigram(JsonNode golden, int[] tokens, Protocol protocol, int context) {
        JsonNode logits = golden.path("bigram_logits_prev_by_next");
        WindowScorer scorer = windows -> {
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < windows.count(); i++) {
                for (int k = windows.skip(); k < windows.length(); k++) {
                    int at = i * windows.length() + k;
                    JsonNode row = logits.get(windows.inputs()[at]);
                    double sum = 0;
                    for (JsonNode logit : row) {
                        sum += Math.exp(logit.doubleValue());
                    }
                    losses.add(Math.log(sum) - row.get(windows.targets()[at]).doubleValue());
                }
            }
            return losses.stream().mapToDouble(Double::doubleValue).toArray();
        };
        return Perplexity.measure(
                scorer, tokens, protocol, context, OptionalInt.empty(), Progress.silent(), Cancellation.none());
    }

    /** One window and one position after the other, from the full logits. */
    private static List<Double> plain(int[] tokens, Protocol protocol, int context, int begin) {
        List<Double> losses = new ArrayList<>();
        boolean overlap = protocol == Protocol.MEGATRON;
        for (int start = 0; overlap ? start < tokens.length - 1 : start + context <= tokens.length; start += context) {
            long[] window = new long[Math.min(context, tokens.length - start)];
            for (int i = 0; i < window.length; i++) {
                window[i] = tokens[start + i];
            }
            if (protocol == Protocol.LLAMACPP) {
                window[0] = begin;
            }
            int first = protocol == Protocol.LLAMACPP ? context / 2 : 0;
            int last = overlap ? Math.min(context, tokens.length - 1 - start) : context - 1;
            try (var scope = TorchScope.open()) {
                double[] logits = Tensors.toDoubles(model.logits(model.hidden(Tensors.of(window, 1, window.length))));
                for (int i = first; i < last; i++) {
                    double sum = 0;
                    for (int k = 0; k < VOCABULARY; k++) {
                        sum += Math.exp(logits[i * VOCABULARY + k]);
                    }
                    losses.add(Math.log(sum) - logits[i * VOCABULARY + tokens[start + i + 1]]);
                }
            }
        }
        return losses;
    }

    private static int[] tokens(int count) {
        return new Random(4).ints(count, 0, VOCABULARY).toArray();
    }

    private static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    private static JsonNode golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(PerplexityTest.class.getResourceAsStream("perplexity.json"), "golden values")) {
            return JsonMapper.shared().readTree(in).path("perplexity");
        }
    }
}
