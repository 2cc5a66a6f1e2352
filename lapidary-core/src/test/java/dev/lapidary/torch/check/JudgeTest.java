package dev.lapidary.torch.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What judges the native operations: roundings, differences, tolerances and verdicts. */
class JudgeTest {
    private static final Finding RIGHT = new Finding(10, 0, 1e-7, 1e-6, "output 1 of a case");
    private static final Finding WRONG = new Finding(10, 3, 0.5, 1e-6, "output 1 of a case");

    @Test
    void roundsToEightBits() {
        assertThat(NumberType.BF16.round(1 + 0x1p-8)).isEqualTo(1); // ties to even
        assertThat(NumberType.BF16.round(1 + 0x3p-8)).isEqualTo(1 + 0x1p-6);
        assertThat(NumberType.BF16.round(-Math.PI)).isEqualTo(-3.140625);
        assertThat(NumberType.F32.round(0.1)).isEqualTo(0.1f);
        assertThat(NumberType.F64.round(0.1)).isEqualTo(0.1);
    }

    @Test
    void normalDistributionIsThatOfTables() {
        assertThat(GaussianIntegral.below(0)).isEqualTo(0.5);
        assertThat(GaussianIntegral.below(1)).isCloseTo(0.8413447460685429, within(1e-15));
        assertThat(GaussianIntegral.below(-3)).isCloseTo(0.0013498980316301, within(1e-15));
    }

    @Test
    void gradientsOfFormulasAreTheirDifferences() {
        double[][] product = {{1, 2, 3, 4, 5, 6}, {0.5, -1, 2, 3, -2, 1}};
        double[][] attention = {{0.3, -0.2, 0.7, 1.1}, {0.4, 0.6, -0.9, 0.1}, {1.5, -0.4, 0.8, 0.2}};

        agree(new PlainProduct(1, 2, 3, 2), product, new double[][] {{1, -1, 0.5, 2}});
        agree(new PlainAttention(1, 2, 2, 1, 1, 2, false), attention, new double[][] {{1, -1, 0.5, 2}});
        agree(new PlainAttention(1, 2, 2, 1, 1, 2, true), attention, new double[][] {{1, -1, 0.5, 2}});
    }

    private static void agree(PlainOperation operation, double[][] inputs, double[][] weights) {
        double[][] formula = operation.gradients(inputs, weights);
        double[][] differences = Differences.gradients(operation, inputs, weights);
        for (int i = 0; i < formula.length; i++) {
            assertThat(formula[i]).containsExactly(differences[i], within(1e-8));
        }
    }

    @Test
    void transformOfASingleTurnIsOneNumber() {
        double[] turn = {1, 0, 0, 1, -1, 0, 0, -1}; // exp(2πi·j/4)

        assertThat(new PlainFourier(4).outputs(new double[][] {turn})[0])
                .containsExactly(new double[] {0, 0, 4, 0, 0, 0, 0, 0}, within(1e-15));
    }

    @Test
    void tolerancesOfSumsFollowTheirNumbers() {
        PlainProduct dot = new PlainProduct(1, 1, 2, 1);
        double[][] inputs = {{3, -4}, {5, 2}};

        double[] tolerance = new Tolerances(NumberType.F32, dot, inputs, new double[0][]).outputs(0, new double[] {7});

        // two roundings of 3·5 + 4·2, and two of the largest number
        assertThat(tolerance).containsExactly(0x1p-24 * (2 * 23 + 2 * 7));
    }

    @Test
    void theLargestShareOfAToleranceIsKept() {
        Deviations deviations = new Deviations();
        deviations.begin("first");
        deviations.compare("output 1", new double[] {1, 2}, new double[] {1, 2.5}, new double[] {0.1, 1});
        deviations.begin("second");
        deviations.compare("output 1", new double[] {1}, new double[] {1.3}, new double[] {0.1});
        deviations.compare("output 2", new double[] {1}, new double[] {1.2}, new double[] {0.1});

        Finding finding = deviations.finding();

        assertThat(finding.cases()).isEqualTo(2);
        assertThat(finding.wrong()).isEqualTo(1);
        assertThat(finding.error()).isCloseTo(0.3, within(1e-12));
        assertThat(finding.tolerance()).isEqualTo(0.1);
        assertThat(finding.where()).isEqualTo("output 1 of second");
    }

    @Test
    void aShorterResultIsWrong() {
        Deviations deviations = new Deviations();
        deviations.begin("case");
        deviations.compare("gradient of weight", new double[0], new double[] {1}, new double[] {1});

        assertThat(deviations.finding().right()).isFalse();
        assertThat(deviations.finding().where()).startsWith("gradient of weight must have 1 numbers; got 0");
    }

    @Test
    void verdictNamesTheFallback() {
        OperationCheck right = OperationCheck.of("conv2d", "f32", RIGHT);
        OperationCheck wrong = OperationCheck.of("conv2d", "f32", WRONG);

        assertThat(right.verdict()).isEqualTo("right");
        assertThat(wrong.verdict()).isEqualTo("wrong");
        assertThat(wrong.right()).isFalse();
        assertThat(wrong.withFallback("products", RIGHT).verdict()).isEqualTo("wrong, fallback products right");
        assertThat(wrong.withFallback("products", RIGHT).right()).isTrue();
        assertThat(wrong.withFallback("products", WRONG).verdict()).isEqualTo("wrong, fallback products wrong");
        assertThat(wrong.withFallback("products", WRONG).right()).isFalse();
    }
}
