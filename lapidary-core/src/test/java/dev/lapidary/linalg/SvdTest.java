package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.near;
import static dev.lapidary.linalg.Samples.ofRank;
import static dev.lapidary.linalg.Samples.orthonormalColumns;
import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SvdTest {
    private static final Svd.Sketch SKETCH = Svd.Sketch.defaults(3);

    private TorchScope scope;

    @BeforeEach
    void open() {
        scope = TorchScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void factorsAKnownMatrix() {
        Svd svd = Svd.of(Tensors.of(new double[][] {{3, 0}, {4, 5}}));

        double ten = Math.sqrt(10);
        double two = Math.sqrt(2);
        assertThat(Tensors.toDoubles(svd.s()))
                .containsExactly(new double[] {Math.sqrt(45), Math.sqrt(5)}, within(1e-14));
        near(svd.u(), Tensors.of(new double[][] {{1 / ten, 3 / ten}, {3 / ten, -1 / ten}}), 1e-14);
        near(svd.vt(), Tensors.of(new double[][] {{1 / two, 1 / two}, {1 / two, -1 / two}}), 1e-14);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "7, 1", "5, 5", "13, 6", "6, 13", "65, 33"})
    void reproducesMatricesOfAnyShape(int rows, int columns) {
        Tensor a = uniform(rows * 100L + columns, rows, columns);
        Svd svd = Svd.of(a);

        assertThat(svd.rank()).isEqualTo(Math.min(rows, columns));
        near(svd.product(), a, 1e-13);
        orthonormalColumns(svd.u(), 1e-13);
        orthonormalColumns(svd.vt().t(), 1e-13);
        double[] s = Tensors.toDoubles(svd.s());
        assertThat(IntStream.range(1, s.length).allMatch(i -> s[i] <= s[i - 1] && s[i] >= 0))
                .isTrue();
        assertThat(Tensors.toDoubles(Svd.of(a.neg()).u())).containsExactly(Tensors.toDoubles(svd.u()), within(1e-9));
        assertLargestEntriesPositive(svd.u());
    }

    private static void assertLargestEntriesPositive(Tensor u) {
        for (long j = 0; j < u.size(1); j++) {
            double[] column = Tensors.toDoubles(u.narrow(1, j, 1));
            double largest = Arrays.stream(column).map(Math::abs).max().orElseThrow();
            assertThat(Arrays.stream(column).filter(x -> Math.abs(x) == largest).findFirst())
                    .hasValue(largest);
        }
    }

    @Test
    void whatIsCutOffIsTheError() {
        Tensor a = uniform(4, 17, 11);
        double[] s = Tensors.toDoubles(Svd.of(a).s());
        for (int rank = 1; rank <= 11; rank++) {
            Svd cut = Svd.of(a, rank);
            double rest = Math.sqrt(Arrays.stream(s).skip(rank).map(x -> x * x).sum());
            assertThat(cut.rank()).isEqualTo(rank);
            assertThat(cut.product().sub(a).norm().item_double()).isEqualTo(rest, within(1e-13)); // Eckart and Young
        }
    }

    @Test
    void aMatrixOfLessRankHasZerosAndStillOrthonormalVectors() {
        Svd svd = Svd.of(ofRank(5, 12, 9, 4));

        assertThat(Arrays.stream(Tensors.toDoubles(svd.s())).skip(4)).allMatch(x -> x >= 0 && x < 1e-14);
        orthonormalColumns(svd.u(), 1e-13);
        Svd zero = Svd.of(uniform(1, 3, 2).mul(uniform(1, 3, 2).sub(uniform(1, 3, 2))));
        assertThat(Tensors.toDoubles(zero.s())).containsOnly(0);
        orthonormalColumns(zero.u(), 1e-14);
    }

    @ParameterizedTest
    @CsvSource({"31, 17", "17, 31", "5, 4", "4, 40"})
    void aSketchOfAMatrixOfLowRankIsExact(int rows, int columns) {
        Tensor a = ofRank(rows, rows, columns, 3);
        Svd svd = Svd.randomised(a, 3, SKETCH);

        near(svd.product(), a, 1e-12);
        orthonormalColumns(svd.u(), 1e-13);
        assertThat(Tensors.toDoubles(svd.s()))
                .containsExactly(Tensors.toDoubles(Svd.of(a, 3).s()), within(1e-12));
        near(svd.u(), Svd.of(a, 3).u(), 1e-10);
    }

    @Test
    void aSketchIsNearlyTheBestAndNearerWithIterations() {
        Tensor a = uniform(8, 120, 90); // the slowest spectrum
        double best = Svd.of(a, 10).product().sub(a).norm().item_double();
        double rough = Svd.randomised(a, 10, new Svd.Sketch(0, 0, 1))
                .product()
                .sub(a)
                .norm()
                .item_double();
        double sharp = Svd.randomised(a, 10, SKETCH).product().sub(a).norm().item_double();

        assertThat(sharp).isBetween(best, 1.01 * best);
        assertThat(rough).isGreaterThan(sharp);
    }

    @Test
    void theSameSeedGivesTheSameBytes() {
        Tensor a = uniform(9, 70, 50);

        assertThat(bytes(Svd.of(a))).isEqualTo(bytes(Svd.of(a.clone())));
        assertThat(bytes(Svd.randomised(a, 5, SKETCH))).isEqualTo(bytes(Svd.randomised(a, 5, SKETCH)));
        assertThat(bytes(Svd.randomised(a, 5, SKETCH)))
                .isNotEqualTo(bytes(Svd.randomised(a, 5, Svd.Sketch.defaults(4))));
    }

    private static String bytes(Svd svd) {
        return Arrays.toString(Tensors.toDoubles(svd.u()))
                + Arrays.toString(Tensors.toDoubles(svd.s()))
                + Arrays.toString(Tensors.toDoubles(svd.vt()));
    }

    @Test
    void keepsTheTypeAndTakesNoGradient() {
        Tensor a = uniform(10, 9, 5).to(ScalarType.Float).set_requires_grad(true);
        for (Svd svd : new Svd[] {Svd.of(a), Svd.randomised(a, 5, SKETCH)}) {
            for (Tensor factor : new Tensor[] {svd.u(), svd.s(), svd.vt(), svd.product()}) {
                assertThat(factor.scalar_type().intern()).isEqualTo(ScalarType.Float);
                assertThat(factor.requires_grad()).isFalse();
                assertThat(factor.is_contiguous()).isTrue();
            }
            near(svd.product(), a.detach(), 1e-5);
        }
    }

    @Test
    void closingFreesTheFactorsInsideAndOutsideAScope() {
        Svd inside = Svd.of(uniform(11, 3, 3));
        inside.close();
        assertThat(inside.u().isNull()).isTrue();
        Svd kept;
        try (TorchScope inner = TorchScope.open()) {
            kept = Svd.of(uniform(11, 3, 3));
            inner.keep(kept.s());
        }
        assertThat(kept.u().isNull()).isTrue();
        assertThat(kept.s().isNull()).isFalse();
        close();
        try (Svd alone = Svd.of(Tensors.of(new double[] {2}, 1, 1))) {
            assertThat(Tensors.toDoubles(alone.s())).containsExactly(2);
        }
    }

    @Test
    void refusesWhatItCannotFactor() {
        assertThatThrownBy(() -> Svd.of(Tensors.of(new double[] {1, 2})))
                .hasMessage("a matrix must be [rows, columns], at least [1, 1]; got [2]");
        assertThatThrownBy(() -> Svd.of(Tensors.of(new double[0], 0, 3))).hasMessageContaining("got [0, 3]");
        assertThatThrownBy(() -> Svd.of(Tensors.of(new long[] {1}, 1, 1)))
                .hasMessage("a matrix must be float32 or float64; got Long");
        assertThatThrownBy(() -> Svd.of(Tensors.of(new double[] {1, Double.NaN}, 1, 2)))
                .isInstanceOf(InputException.class)
                .hasMessage("a matrix must be of finite numbers; got one that is not, of shape [1, 2]");
        assertThatThrownBy(() -> Svd.of(uniform(1, 4, 3), 4))
                .hasMessage("rank must be from 1 to 3, the smaller side of [4, 3]; got 4");
        assertThatThrownBy(() -> Svd.randomised(uniform(1, 4, 3), 0, SKETCH)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Svd.Sketch(-1, 0, 0))
                .hasMessage("oversampling and iterations must be at least 0; got -1 and 0");
    }
}
