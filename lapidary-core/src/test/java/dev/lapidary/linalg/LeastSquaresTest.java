package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.near;
import static dev.lapidary.linalg.Samples.ofRank;
import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(OpenScope.class)
class LeastSquaresTest {
    @Test
    void fitsALineByHand() {
        Tensor a = Tensors.of(new double[][] {{1, 0}, {1, 1}, {1, 2}});

        near(
                LeastSquares.solve(a, Tensors.of(new double[][] {{0}, {1}, {1}})),
                Tensors.of(new double[][] {{1.0 / 6}, {0.5}}),
                1e-14);
    }

    @Test
    void ridgeShrinksByHand() {
        Tensor a = Tensors.of(new double[][] {{3}, {4}});
        Tensor b = Tensors.of(new double[][] {{1, 2}, {2, 0}});

        near(LeastSquares.ridge(a, b, 7), Tensors.of(new double[][] {{11.0 / 32, 6.0 / 32}}), 1e-15);
        near(
                LeastSquares.ridge(a.t(), Tensors.of(new double[][] {{8}}), 7),
                Tensors.of(new double[][] {{0.75}, {1}}),
                1e-15);
    }

    @ParameterizedTest
    @CsvSource({"9, 4", "4, 9", "6, 6", "41, 17", "17, 41", "1, 5", "5, 1"})
    void bothSolveTheNormalEquations(int rows, int columns) {
        Tensor a = uniform(rows * 50L + columns, rows, columns);
        Tensor b = uniform(7, rows, 3);
        Tensor free = LeastSquares.solve(a, b);
        Tensor held = LeastSquares.ridge(a, b, 0.3);

        Tensor zero = torch.zeros(new long[] {columns, 3}, a.options());
        near(a.t().mm(a.mm(free).sub(b)), zero, 1e-11);
        near(a.t().mm(a.mm(held).sub(b)).add(held.mul(new Scalar(0.3))), zero, 1e-12);
        assertThat(held.norm().item_double()).isLessThan(free.norm().item_double());
    }

    @Test
    void ofManySolutionsTheShortest() {
        Tensor a = ofRank(6, 12, 5, 3); // two directions of X do not matter
        Tensor truth = a.t().mm(uniform(9, 12, 2)); // has nothing along them
        Tensor b = a.mm(truth);

        near(LeastSquares.solve(a, b), truth, 1e-11);
        near(LeastSquares.ridge(a, b, 1e-10), truth, 1e-7);
        Tensor twins = Tensors.of(new double[][] {{1, 1}, {2, 2}});
        near(
                LeastSquares.solve(twins, Tensors.of(new double[][] {{2}, {4}})),
                Tensors.of(new double[][] {{1}, {1}}),
                1e-14);
    }

    @Test
    void smallDirectionsSurviveThatNormalEquationsLose() {
        double small = 1e-9; // its square vanishes beside 1
        Tensor a = Tensors.of(new double[][] {{1, 1}, {small, 0}, {0, small}}); // of Läuchli
        Tensor b = Tensors.of(new double[][] {{3}, {small}, {2 * small}});

        near(LeastSquares.solve(a, b), Tensors.of(new double[][] {{1}, {2}}), 1e-5);
        near(LeastSquares.ridge(a, b, 1e-30), Tensors.of(new double[][] {{1}, {2}}), 1e-5);
    }

    @Test
    void keepsTheTypeAndRefusesWhatDoesNotFit() {
        Tensor a = uniform(1, 6, 3);
        Tensor single =
                LeastSquares.ridge(a.to(ScalarType.Float), uniform(2, 6, 1).to(ScalarType.Float), 0.1);
        assertThat(single.scalar_type().intern()).isEqualTo(ScalarType.Float);
        near(single.to(ScalarType.Double), LeastSquares.ridge(a, uniform(2, 6, 1), 0.1), 1e-5);
        assertThatThrownBy(() -> LeastSquares.solve(a, uniform(1, 5, 1)))
                .hasMessage("the right side must have the matrix's rows and type, 6 of Double; got [5, 1] of Double");
        assertThatThrownBy(() -> LeastSquares.ridge(a, uniform(1, 6, 1), 0))
                .hasMessage("lambda must be above 0 and finite; got 0.0");
        assertThatThrownBy(() -> LeastSquares.ridge(a, uniform(1, 6, 1), Double.NaN))
                .hasMessageContaining("got NaN");
    }
}
