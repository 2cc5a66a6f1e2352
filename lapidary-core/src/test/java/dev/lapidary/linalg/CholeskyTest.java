package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.near;
import static dev.lapidary.linalg.Samples.ofRank;
import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(OpenScope.class)
class CholeskyTest {
    @Test
    void factorsAKnownMatrix() {
        Tensor a = Tensors.of(new double[][] {{4, 2}, {2, 5}});
        Cholesky factor = Cholesky.of(a);

        near(factor.lower(), Tensors.of(new double[][] {{2, 0}, {1, 2}}), 1e-15);
        assertThat(factor.logDeterminant()).isEqualTo(Math.log(16), within(1e-14));
        near(
                factor.solve(Tensors.of(new double[][] {{8, 2}, {12, 5}})),
                Tensors.of(new double[][] {{1, 0}, {2, 1}}),
                1e-14);
        double five = Math.sqrt(5);
        near(
                Cholesky.inverseUpper(a), // inverse 5/16, −1/8; −1/8, 1/4
                Tensors.of(new double[][] {{five / 4, -1 / (2 * five)}, {0, 1 / five}}),
                1e-15);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 37})
    void solvesAndInvertsMatricesOfAnySize(int n) {
        Tensor x = uniform(n, 3 * n, n);
        Tensor a = Cholesky.damped(x.t().mm(x), 0.01);
        Tensor one = torch.eye(n, a.options());
        Cholesky factor = Cholesky.of(a);
        Tensor upper = Cholesky.inverseUpper(a);

        near(factor.lower().mm(factor.lower().t()), a, 1e-12);
        near(a.mm(factor.solve(one)), one, 1e-11);
        near(upper.triu(), upper, 0);
        near(a.mm(upper.t().mm(upper)), one, 1e-11);
        near(factor.lower().tril(), factor.lower(), 0);
    }

    @Test
    void dampingAddsAShareOfTheMeanOfTheDiagonal() {
        Tensor a = Tensors.of(new double[][] {{4, 2}, {2, 5}});

        near(Cholesky.damped(a, 0.1), Tensors.of(new double[][] {{4.45, 2}, {2, 5.45}}), 1e-15);
        near(Cholesky.damped(a, 0), a, 0);
        assertThat(a.narrow(0, 0, 1).narrow(1, 0, 1).item_double()).isEqualTo(4); // untouched
        assertThat(Cholesky.damped(a.to(ScalarType.Float), 0.1).scalar_type().intern())
                .isEqualTo(ScalarType.Float);
    }

    @Test
    void aMatrixOfLessRankNeedsDamping() {
        Tensor x = ofRank(4, 9, 6, 3);
        Tensor gram =
                x.t().mm(x).sub(torch.eye(6, x.options()).mul(Tensors.of(new double[] {1e-9}))); // surely not definite

        for (Runnable refused : new Runnable[] {() -> Cholesky.of(gram), () -> Cholesky.inverseUpper(gram)}) {
            assertThatThrownBy(refused::run)
                    .isInstanceOf(InputException.class)
                    .hasMessage("a matrix must be positive definite; got one that is not, of 6 rows (a greater damping"
                            + " helps)");
        }
        Tensor damped = Cholesky.damped(gram, 0.01);
        near(damped.mm(Cholesky.of(damped).solve(x.t())), x.t(), 1e-11);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> Cholesky.damped(uniform(1, 2, 2), -1))
                .hasMessage("damping must be at least 0 and finite; got -1.0");
        assertThatThrownBy(() -> Cholesky.of(Tensors.of(new double[] {1, Double.NaN, Double.NaN, 1}, 2, 2)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> Cholesky.of(torch.eye(2)).solve(uniform(1, 2, 1)))
                .hasMessage("the right side must have the matrix's rows and type, 2 of Float; got [2, 1] of Double");
    }
}
