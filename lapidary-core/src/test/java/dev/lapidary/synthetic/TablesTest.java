package dev.lapidary.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.synthetic.TableTruth.Term;
import dev.lapidary.synthetic.Tables.Columns;
import dev.lapidary.synthetic.Tables.Outcome;
import dev.lapidary.synthetic.Tables.Shift;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Figures of drawn tables, with tolerances of four standard errors, and what an oracle finds in them. */
class TablesTest {
    private static final int ROWS = 4000;
    private static final Columns COLUMNS = new Columns(4, 2, 3, 9);
    private static final double SE = 1 / Math.sqrt(ROWS);

    private static Table table(Outcome outcome, long seed) {
        return Tables.of(ROWS, COLUMNS, outcome).draw(seed);
    }

    private static int[] columns(List<Term> terms, int size) {
        return terms.stream()
                .filter(term -> term.columns().size() == size)
                .flatMapToInt(term -> term.columns().stream().mapToInt(Integer::intValue))
                .toArray();
    }

    /** The products of all terms that an expert would write down, [rows, terms]. */
    private static double[][] products(Table table) {
        List<Term> terms = table.truth().terms().getFirst();
        double[][] products = new double[table.target().length][terms.size()];
        for (int row = 0; row < products.length; row++) {
            for (int t = 0; t < terms.size(); t++) {
                products[row][t] = 1;
                for (int column : terms.get(t).columns()) {
                    products[row][t] *= table.features()[row][column];
                }
            }
        }
        return products;
    }

    @Test
    void columnsAreStandardNormalAndRedundantOnesFollowFromTwoThatCount() {
        Table table = table(new Outcome.Regression(0.2), 1);
        TableTruth truth = table.truth();
        Set<Integer> redundant = new HashSet<>();
        Arrays.stream(truth.redundant()).forEach(redundant::add);
        for (int j = 0; j < COLUMNS.all(); j++) {
            double[] column = LeastSquares.column(table.features(), j);
            double square = Arrays.stream(column).map(v -> v * v).average().orElseThrow();
            assertThat(LeastSquares.mean(column)).isCloseTo(0, within(4.1 * SE));
            assertThat(square).isCloseTo(redundant.contains(j) ? 1.01 : 1, within(4.1 * Math.sqrt(2) * SE));
            double[][] relevant = LeastSquares.columns(table.features(), truth.relevant());
            double explained = LeastSquares.explained(relevant, column);
            if (redundant.contains(j)) {
                assertThat(explained).isCloseTo(1 / 1.01, within(0.003));
            } else if (Arrays.binarySearch(truth.relevant(), j) < 0) {
                assertThat(explained).isLessThan(0.01); // 8 columns of 4000 rows explain 0.002 by chance
            }
        }
        assertThat(truth.relevant()).hasSize(COLUMNS.relevant());
    }

    @Test
    void theScoreHasVarianceOneAndTheOracleExplainsAllButTheNoise() {
        Table table = table(new Outcome.Regression(0.2), 1);
        double[] oracle = IntStream.range(0, ROWS).mapToDouble(table::oracle).toArray();
        double square = Arrays.stream(oracle).map(v -> v * v).average().orElseThrow();
        assertThat(square).isCloseTo(1, within(4 * Math.sqrt(8) * SE)); // of products the kurtosis is 9
        assertThat(LeastSquares.explained(oracle, table.target())).isCloseTo(0.8, within(4 * 0.4 * SE));
    }

    @Test
    void leastSquaresOnTheTruthsTermsFindsTheCoefficientsAndOtherColumnsDoNot() {
        Table table = table(new Outcome.Regression(0.2), 1);
        List<Term> terms = table.truth().terms().getFirst();
        double[] found = LeastSquares.fit(products(table), table.target());
        for (int t = 0; t < terms.size(); t++) {
            assertThat(found[1 + t]).isCloseTo(terms.get(t).coefficient(), within(4 * 0.5 * SE));
        }
        double[][] relevant = LeastSquares.columns(table.features(), columns(terms, 1));
        int[] useless = IntStream.range(0, COLUMNS.all())
                .filter(j -> Arrays.binarySearch(table.truth().relevant(), j) < 0)
                .filter(j -> Arrays.binarySearch(table.truth().redundant(), j) < 0)
                .limit(4)
                .toArray();
        double linear = terms.stream()
                .filter(term -> term.columns().size() == 1)
                .mapToDouble(term -> term.coefficient() * term.coefficient())
                .sum();
        assertThat(LeastSquares.explained(relevant, table.target())).isCloseTo(0.8 * linear, within(0.05));
        assertThat(LeastSquares.explained(LeastSquares.columns(table.features(), useless), table.target()))
                .isLessThan(0.01);
    }

    @Test
    void pairsShowInTheirProductAndNotByThemselves() {
        Table table = table(new Outcome.Regression(0), 3);
        List<Term> terms = table.truth().terms().getFirst();
        double[] target = table.target();
        for (int column : columns(terms, 2)) {
            assertThat(LeastSquares.correlation(LeastSquares.column(table.features(), column), target))
                    .isCloseTo(0, within(4 * Math.sqrt(3) * SE));
        }
        // the two products that are most correlated with the target, of all pairs that are not redundant, are the
        // planted ones
        int[] candidates = IntStream.range(0, COLUMNS.all())
                .filter(j -> Arrays.binarySearch(table.truth().redundant(), j) < 0)
                .toArray();
        List<Set<Integer>> pairs = new ArrayList<>();
        List<Double> strengths = new ArrayList<>();
        for (int a : candidates) {
            for (int b : candidates) {
                if (a < b) {
                    double[] product = new double[ROWS];
                    for (int row = 0; row < ROWS; row++) {
                        product[row] = table.features()[row][a] * table.features()[row][b];
                    }
                    pairs.add(Set.of(a, b));
                    strengths.add(Math.abs(LeastSquares.correlation(product, target)));
                }
            }
        }
        Set<Set<Integer>> best = new HashSet<>(IntStream.range(0, pairs.size())
                .boxed()
                .sorted((p, q) -> Double.compare(strengths.get(q), strengths.get(p)))
                .limit(2)
                .map(pairs::get)
                .toList());
        Set<Set<Integer>> planted = new HashSet<>(terms.stream()
                .filter(term -> term.columns().size() == 2)
                .map(term -> Set.copyOf(term.columns()))
                .toList());
        assertThat(best).isEqualTo(planted);
    }

    @Test
    void classesHaveTheirSharesAndLabelsAreFlippedAsStated() {
        for (double share : new double[] {0.5, 0.1}) {
            Table table = table(new Outcome.Binary(share, 0.15), 1);
            double positive = 0;
            double right = 0;
            for (int row = 0; row < ROWS; row++) {
                positive += table.oracle(row);
                right += table.oracle(row) == table.labels()[row] ? 1 : 0;
            }
            assertThat(positive / ROWS).isCloseTo(share, within(0.01 + 4 * Math.sqrt(share * (1 - share)) * SE));
            assertThat(right / ROWS).isCloseTo(0.85, within(4 * Math.sqrt(0.85 * 0.15) * SE));
        }
        Table several = table(new Outcome.Classes(4, 0.2), 2);
        double right = 0;
        int[] wrong = new int[4];
        for (int row = 0; row < ROWS; row++) {
            int shift = Math.floorMod(several.labels()[row] - (int) several.oracle(row), 4);
            right += shift == 0 ? 1 : 0;
            wrong[shift]++;
        }
        assertThat(right / ROWS).isCloseTo(0.8, within(4 * 0.4 * SE));
        for (int shift = 1; shift < 4; shift++) {
            assertThat((double) wrong[shift] / ROWS).isCloseTo(0.2 / 3, within(4 * 0.25 * SE));
        }
        assertThat(Arrays.stream(several.labels()).distinct().count()).isEqualTo(4);
    }

    @Test
    void groupsAndDriftMoveTheTarget() {
        Tables tables = Tables.of(ROWS, COLUMNS, new Outcome.Regression(0)).withShift(new Shift(20, 2, 3));
        Table table = tables.draw(1);
        double[] plain = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            plain[row] = table.target()[row] - table.truth().scores(table.features()[row], 0, 0)[0];
        }
        double[] sums = new double[20];
        int[] counts = new int[20];
        for (int row = 0; row < ROWS; row++) {
            sums[table.groups()[row]] += plain[row] - 3 * table.times()[row];
            counts[table.groups()[row]]++;
        }
        double squares = 0;
        for (int g = 0; g < 20; g++) {
            double effect = sums[g] / counts[g] - sums[0] / counts[0];
            for (int row = 0; row < ROWS; row++) {
                if (table.groups()[row] == g) {
                    assertThat(plain[row]).isCloseTo(effect + 3 * table.times()[row], within(1e-9));
                }
            }
            assertThat(counts[g]).isBetween(200 - 60, 200 + 60);
            squares += effect * effect;
        }
        assertThat(squares / 19).isBetween(0.5, 40.0); // twice the variance 4 of the effects, from 19 differences
        assertThat(table.oracle(7)).isCloseTo(table.target()[7], within(1e-12));
    }

    @Test
    void tablesRepeatAndALongerOneBeginsWithTheShorter() {
        Outcome outcome = new Outcome.Binary(0.3, 0.1);
        Table one = table(outcome, 5);
        Table longer = Tables.of(2 * ROWS, COLUMNS, outcome).draw(5);
        assertThat(table(outcome, 5).features()).isDeepEqualTo(one.features());
        assertThat(Arrays.copyOf(longer.features(), ROWS)).isDeepEqualTo(one.features());
        assertThat(Arrays.copyOf(longer.target(), ROWS)).isEqualTo(one.target());
        assertThat(table(outcome, 6).features()[0]).isNotEqualTo(one.features()[0]);
        Set<List<Integer>> places = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            places.add(Arrays.stream(Tables.of(1, COLUMNS, new Outcome.Regression(0))
                            .draw(seed)
                            .truth()
                            .relevant())
                    .boxed()
                    .toList());
        }
        assertThat(places).hasSizeGreaterThan(15);
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> new Columns(0, 0, 1, 1)).hasMessageContaining("at least 1; got 0");
        assertThatThrownBy(() -> new Columns(-1, 1, 1, 1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> new Outcome.Regression(1)).hasMessageContaining("got 1.0");
        assertThatThrownBy(() -> new Outcome.Binary(0, 0)).hasMessageContaining("got 0.0");
        assertThatThrownBy(() -> new Outcome.Classes(1, 0)).hasMessageContaining("got 1");
        assertThatThrownBy(() -> new Shift(0, 0, 0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Tables.of(0, COLUMNS, new Outcome.Regression(0)))
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> table(new Outcome.Regression(0), 1).labels()).hasMessageContaining("classification");
    }
}
