package dev.lapidary.linalg;

import static dev.lapidary.linalg.Samples.near;
import static dev.lapidary.linalg.Samples.ofRank;
import static dev.lapidary.linalg.Samples.orthonormalColumns;
import static dev.lapidary.linalg.Samples.uniform;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(OpenScope.class)
class QrTest {
    @Test
    void factorsAKnownMatrixAsGramAndSchmidtDo() {
        Qr qr = Qr.of(Tensors.of(new double[][] {{3, 1}, {4, 3}, {0, -2}}));

        double six = Math.sqrt(5); // of the second column what is left is (−0.8, 0.6, −2), of length √5
        near(qr.q(), Tensors.of(new double[][] {{0.6, -0.8 / six}, {0.8, 0.6 / six}, {0, -2 / six}}), 1e-15);
        near(qr.r(), Tensors.of(new double[][] {{5, 3}, {0, six}}), 1e-14);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "9, 1", "1, 9", "7, 7", "41, 13", "13, 41"})
    void reproducesMatricesOfAnyShape(int rows, int columns) {
        Tensor a = uniform(rows + columns, rows, columns);
        Qr qr = Qr.of(a);

        near(qr.q().mm(qr.r()), a, 1e-13);
        near(qr.r().triu(), qr.r(), 0);
        orthonormalColumns(qr.q(), 1e-13);
        assertThat(Arrays.stream(Tensors.toDoubles(qr.r().diagonal()))).allMatch(x -> x >= 0);
    }

    @Test
    void dependentColumnsStillGiveOrthonormalOnes() {
        Tensor a = ofRank(3, 10, 6, 2);
        Qr qr = Qr.of(a);

        near(qr.q().mm(qr.r()), a, 1e-13);
        orthonormalColumns(qr.q(), 1e-13);
        assertThat(Arrays.stream(Tensors.toDoubles(qr.r().diagonal())).skip(2)).allMatch(x -> x < 1e-13);
    }
}
