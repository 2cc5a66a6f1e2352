package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.near;
import static dev.lapidary.linalg.Samples.ofRank;
import static dev.lapidary.linalg.Samples.orthonormalColumns;
import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(OpenScope.class)
class SymmetricEigenTest {
    @Test
    void factorsAKnownMatrix() {
        SymmetricEigen eigen = SymmetricEigen.of(Tensors.of(new double[][] {{5, 2}, {2, 2}}));

        double five = Math.sqrt(5);
        assertThat(Tensors.toDoubles(eigen.values())).containsExactly(new double[] {6, 1}, within(1e-14));
        near(eigen.vectors(), Tensors.of(new double[][] {{2 / five, -1 / five}, {1 / five, 2 / five}}), 1e-14);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 33})
    void reproducesTheMatrixAndItsFunctions(int n) {
        Tensor half = uniform(n, n, n);
        Tensor indefinite = half.add(half.t());
        SymmetricEigen eigen = SymmetricEigen.of(indefinite);

        orthonormalColumns(eigen.vectors(), 1e-13);
        near(eigen.map(x -> x), indefinite, 1e-12);
        near(eigen.map(x -> x * x), indefinite.mm(indefinite), 1e-11);
        double[] values = Tensors.toDoubles(eigen.values());
        assertThat(IntStream.range(1, n).allMatch(i -> values[i] <= values[i - 1]))
                .isTrue();
        assertThat(Arrays.toString(
                        Tensors.toDoubles(SymmetricEigen.of(indefinite).vectors())))
                .isEqualTo(Arrays.toString(Tensors.toDoubles(eigen.vectors())));
    }

    @Test
    void theInverseRootWhitens() {
        Tensor x = uniform(3, 40, 6);
        Tensor gram = x.t().mm(x);
        Tensor white = x.mm(SymmetricEigen.of(gram).map(v -> 1 / Math.sqrt(v)));

        near(white.t().mm(white), torch.eye(6, x.options()), 1e-12);
    }

    @Test
    void aMatrixOfLessRankHasARoot() {
        Tensor x = ofRank(5, 9, 7, 3);
        Tensor gram = x.t().mm(x);
        SymmetricEigen eigen = SymmetricEigen.of(gram);
        Tensor root = eigen.map(v -> Math.sqrt(Math.max(0, v)));

        near(root.mm(root), gram, 1e-12);
        assertThat(Arrays.stream(Tensors.toDoubles(eigen.values())).skip(3)).allMatch(v -> Math.abs(v) < 1e-12);
    }

    @Test
    void toleratesRoundingButNoOtherAsymmetry() {
        Tensor x = uniform(6, 50, 8).to(ScalarType.Float);
        SymmetricEigen eigen = SymmetricEigen.of(x.t().mm(x));

        assertThat(eigen.values().scalar_type().intern()).isEqualTo(ScalarType.Float);
        near(eigen.map(v -> v), x.t().mm(x), 1e-4);
        assertThatThrownBy(() -> SymmetricEigen.of(Tensors.of(new double[][] {{1, 2}, {2.5, 1}})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a symmetric matrix must equal its transpose; got entries up to 2.5 that differ by up to 0.5");
        assertThatThrownBy(() -> SymmetricEigen.of(uniform(1, 2, 3)))
                .hasMessage("a symmetric matrix must be [n, n]; got [2, 3]");
        assertThatThrownBy(() -> SymmetricEigen.of(Tensors.of(new double[] {Double.NaN}, 1, 1)))
                .isInstanceOf(InputException.class);
    }
}
