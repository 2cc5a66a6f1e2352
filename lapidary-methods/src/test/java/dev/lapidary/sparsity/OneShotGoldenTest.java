package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one-shot methods against numbers calculated in float64 from the formulas and checked against the published code. */
class OneShotGoldenTest {
    private static final JsonNode GOLDEN = golden();
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.parse("2:4");
    private static final SparsityPattern ONE_OF_FOUR = SparsityPattern.parse("1:4");
    private static final Offset<Double> EXACT = within(1e-11); // weights and statistics lie between 0.01 and 200

    private TorchScope scope;
    private Torch.Lease oneThread; // products are tiny
    private Tensor weight;
    private InputGram gram;

    @BeforeEach
    void load() {
        scope = TorchScope.open();
        oneThread = Torch.oneThreadPerProduct();
        weight = Tensors.of(matrix(GOLDEN.get("W")));
        gram = new InputGram(16);
        gram.add(sequences(0, 3));
    }

    @AfterEach
    void free() {
        gram.close();
        oneThread.close();
        scope.close();
    }

    @Test
    void magnitudeKeepsTheLargest() {
        assertThat(mask(WeightScores.magnitude(weight, TWO_OF_FOUR), TWO_OF_FOUR))
                .isEqualTo(flat("magnitude_mask"));
        assertThat(mask(WeightScores.magnitude(weight, ONE_OF_FOUR), ONE_OF_FOUR))
                .isEqualTo(flat("magnitude_mask_1of4"));
    }

    @Test
    void wandaWeighsByInputs() {
        close(gram.squares(), vector(GOLDEN.get("wanda_scaler")));
        assertThat(mask(WeightScores.wanda(weight, gram.squares(), TWO_OF_FOUR), TWO_OF_FOUR))
                .isEqualTo(flat("wanda_mask"));
        assertThat(mask(WeightScores.wanda(weight, gram.squares(), ONE_OF_FOUR), ONE_OF_FOUR))
                .isEqualTo(flat("wanda_mask_1of4"));
    }

    @Test
    void statisticsOfBatchesEqualThoseOfAll() {
        close(Tensors.toDoubles(gram.hessian()), flat("hessian"));
        try (InputGram running = new InputGram(16)) {
            running.add(sequences(0, 1));
            running.add(sequences(1, 2));
            assertThat(running.sequences()).isEqualTo(3);
            close(Tensors.toDoubles(running.hessian()), flat("hessian"));
            close(running.squares(), vector(GOLDEN.get("wanda_scaler")));
        }
    }

    @Test
    void factorIsTheCholeskyFactorOfTheInverse() {
        HessianFactor factor = HessianFactor.of(gram.hessian(), 0.01);
        close(Tensors.toDoubles(factor.upper()), flat("cholesky_upper_of_inverse_damp0.01"));
        assertThat(factor.dead()).containsOnly(false);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void sparseGptChoosesUpdatesAndPredictsItsLoss(int index) {
        JsonNode run = GOLDEN.get("sparsegpt").get(index);
        SparseGpt.Pruned pruned = sparseGpt(run);
        double[] mask = mask(pruned.codes(), TWO_OF_FOUR);
        assertThat(mask).isEqualTo(flat(run.get("mask")));
        double[] weights = weights(pruned, mask);
        close(weights, flat(run.get("W_final")));
        assertThat(pruned.loss()).isCloseTo(run.get("sum_losses").asDouble(), EXACT);
        assertThat(error(weights)).isCloseTo(run.get("recon_error").asDouble(), EXACT);
    }

    @Test
    void float32WeightsGiveTheSameMasks() {
        HessianFactor factor = HessianFactor.of(gram.hessian(), 0.01);
        Tensor single = Tensors.of(Tensors.toFloats(weight), 4, 16);
        double[] mask = mask(SparseGpt.update(single, factor, TWO_OF_FOUR).codes(), TWO_OF_FOUR);
        assertThat(mask).isEqualTo(flat(GOLDEN.get("sparsegpt").get(0).get("mask")));
    }

    @Test
    void deadInputsGoFirst() {
        Tensor inputs = sequences(0, 3).clone();
        inputs.narrow(2, 5, 1).zero_();
        try (InputGram dead = new InputGram(16)) {
            dead.add(inputs);
            HessianFactor factor = HessianFactor.of(dead.hessian(), 0.01);
            SparseGpt.Pruned pruned = SparseGpt.update(weight, factor, TWO_OF_FOUR);
            assertThat(mask(pruned.codes(), TWO_OF_FOUR))
                    .isEqualTo(flat(GOLDEN.get("dead_column_5").get("mask")));
            close(
                    weights(pruned, new double[0]),
                    flat(GOLDEN.get("dead_column_5").get("W_final")));
            double[] unchanged =
                    mask(SparseGpt.choose(weight, factor, TWO_OF_FOUR).codes(), TWO_OF_FOUR);
            for (int row = 0; row < 4; row++) {
                assertThat(unchanged[row * 16 + 5]).isZero();
            }
        }
    }

    @Test
    void reconstructionErrorsOrderTheMethods() {
        double[] magnitude = mask(WeightScores.magnitude(weight, TWO_OF_FOUR), TWO_OF_FOUR);
        double[] wanda = mask(WeightScores.wanda(weight, gram.squares(), TWO_OF_FOUR), TWO_OF_FOUR);
        JsonNode expected = GOLDEN.get("recon_error_dense_minus");
        assertThat(error(masked(magnitude))).isCloseTo(expected.get("magnitude").asDouble(), EXACT);
        assertThat(error(masked(wanda))).isCloseTo(expected.get("wanda").asDouble(), EXACT);
    }

    private SparseGpt.Pruned sparseGpt(JsonNode run) {
        HessianFactor factor = HessianFactor.of(gram.hessian(), run.get("damp").asDouble());
        return run.get("update").asBoolean()
                ? SparseGpt.update(weight, factor, TWO_OF_FOUR, run.get("block").asInt())
                : SparseGpt.choose(weight, factor, TWO_OF_FOUR);
    }

    private double[] weights(SparseGpt.Pruned pruned, double[] mask) {
        return pruned.weights() == null ? masked(mask) : Tensors.toDoubles(pruned.weights());
    }

    private double[] masked(double[] mask) {
        double[] values = Tensors.toDoubles(weight);
        Arrays.setAll(values, i -> values[i] * mask[i]);
        return values;
    }

    private double error(double[] weights) {
        return ReconstructionError.squared(weight.sub(Tensors.of(weights, 4, 16)), gram.sum());
    }

    private static double[] mask(byte[] codes, SparsityPattern pattern) {
        double[] mask = new double[codes.length * pattern.of()];
        Arrays.setAll(mask, i -> pattern.keeps(codes[i / pattern.of()], i % pattern.of()) ? 1 : 0);
        return mask;
    }

    private static void close(double[] actual, double[] expected) {
        assertThat(actual).usingComparatorWithPrecision(1e-11).containsExactly(expected);
    }

    private static Tensor sequences(int from, int count) {
        JsonNode all = GOLDEN.get("X_sequences");
        double[] values = StreamSupport.stream(all.spliterator(), false)
                .skip(from)
                .limit(count)
                .flatMapToDouble(sequence -> Arrays.stream(flat(sequence)))
                .toArray();
        return Tensors.of(values, count, 12, 16);
    }

    private static double[] flat(String key) {
        return flat(GOLDEN.get(key));
    }

    private static double[] flat(JsonNode rows) {
        return Arrays.stream(matrix(rows)).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[][] matrix(JsonNode rows) {
        double[][] values = new double[rows.size()][];
        Arrays.setAll(values, i -> vector(rows.get(i)));
        return values;
    }

    private static double[] vector(JsonNode row) {
        double[] values = new double[row.size()];
        Arrays.setAll(values, i -> row.get(i).asDouble());
        return values;
    }

    private static JsonNode golden() {
        InputStream stream = OneShotGoldenTest.class.getResourceAsStream("one-shot.json");
        return JsonMapper.shared().readTree(Objects.requireNonNull(stream));
    }
}
