package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeastCostMatchingTest {
    @Test
    void costsLeastOfAllPairings() {
        Random random = new Random(10);
        for (int rows = 1; rows <= 7; rows++) {
            for (int round = 0; round < 20; round++) {
                double[][] cost = new double[rows][rows + round % 3];
                for (double[] row : cost) {
                    Arrays.setAll(row, k -> random.nextInt(6) - 1); // ties and negative costs
                }
                int[] columns = LeastCostMatching.columns(cost);
                assertThat(columns).doesNotHaveDuplicates();
                assertThat(total(cost, columns)).isEqualTo(least(cost, 0, new boolean[cost[0].length]));
            }
        }
    }

    @Test
    void whereRowsAreMoreTheDearestHaveNoColumn() {
        double[][] cost = {{5, 4}, {1, 3}, {2, 1}};

        assertThat(LeastCostMatching.columns(cost)).containsExactly(-1, 0, 1);
        assertThat(LeastCostMatching.columns(new double[][] {{5, 1, 2}, {4, 3, 1}}))
                .containsExactly(1, 2);
    }

    @Test
    void refusesWhatIsNoMatrix() {
        assertThatThrownBy(() -> LeastCostMatching.columns(new double[0][]))
                .hasMessage("costs must have at least 1 row and 1 column; got 0 rows");
        assertThatThrownBy(() -> LeastCostMatching.columns(new double[][] {{1, 2}, {1}}))
                .hasMessage("rows of costs must be equally long, 2; got 1 in row 1");
        assertThatThrownBy(() -> LeastCostMatching.columns(new double[][] {{1, Double.NaN}}))
                .hasMessageContaining("costs must be finite; got NaN");
    }

    private static double total(double[][] cost, int[] columns) {
        return IntStream.range(0, cost.length)
                .mapToDouble(i -> cost[i][columns[i]])
                .sum();
    }

    private static double least(double[][] cost, int row, boolean[] used) {
        double least = row == cost.length ? 0 : Double.POSITIVE_INFINITY;
        for (int column = 0; row < cost.length && column < used.length; column++) {
            if (!used[column]) {
                used[column] = true;
                least = Math.min(least, cost[row][column] + least(cost, row + 1, used));
                used[column] = false;
            }
        }
        return least;
    }
}
