package dev.lapidary.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.synthetic.ClickLog.Row;
import dev.lapidary.synthetic.ClickLogs.Fields;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/** Figures of drawn logs, with tolerances of four standard errors, and what an oracle finds in them. */
class ClickLogsTest {
    private static final int SESSIONS = 6000;
    private static final ClickLog LOG = ClickLogs.defaults(SESSIONS).draw(1);
    private static final List<Row> ROWS = LOG.rows();

    @Test
    void theOracleIsCalibratedAndBetterThanTheMean() {
        double clicks = 0;
        double expected = 0;
        double variance = 0;
        for (Row row : ROWS) {
            double p = LOG.oracle(row);
            clicks += row.clicked() ? 1 : 0;
            expected += p;
            variance += p * (1 - p);
        }
        assertThat(clicks).isCloseTo(expected, within(4 * Math.sqrt(variance)));
        double mean = clicks / ROWS.size();
        double constant = -mean * Math.log(mean) - (1 - mean) * Math.log(1 - mean);
        assertThat(loss()).isLessThan(constant - 0.1);
    }

    private static double loss() {
        double loss = 0;
        for (Row row : ROWS) {
            double p = LOG.oracle(row);
            loss -= Math.log(row.clicked() ? p : 1 - p) / ROWS.size();
        }
        return loss;
    }

    @Test
    void aSlotIsLookedAtAsOftenAsStated() {
        ClickLog even = ClickLogs.defaults(SESSIONS).withBias(0, 1).draw(2); // every slot sees the same items
        double[] clicks = new double[5];
        even.rows().forEach(row -> clicks[row.slot()] += row.clicked() ? 1.0 / SESSIONS : 0);
        for (int slot = 1; slot < 5; slot++) {
            double deviation = Math.sqrt(clicks[slot] / SESSIONS) + Math.sqrt(clicks[0] / SESSIONS) / (slot + 1);
            assertThat(clicks[slot]).isCloseTo(clicks[0] / (slot + 1), within(4 * deviation));
        }
        ClickLog unbiased = ClickLogs.defaults(SESSIONS).withBias(0, 0).draw(2);
        assertThat(unbiased.truth().examination(4)).isEqualTo(1);
    }

    @Test
    void listsHoldDifferentItemsTheMostPopularFirst() {
        for (int i = 0; i < ROWS.size(); i += 5) {
            for (int slot = 1; slot < 5; slot++) {
                int before = LOG.truth().rank(ROWS.get(i + slot - 1).item());
                assertThat(LOG.truth().rank(ROWS.get(i + slot).item())).isGreaterThan(before);
            }
        }
    }

    /** Of three items two are shown: {a, b} with p_a·p_b/(1 − p_a) + p_b·p_a/(1 − p_b). One slot shows p itself. */
    @Test
    void itemsAreDrawnByPopularityAmongThoseThatAreLeft() {
        double[] p = {36.0 / 49, 9.0 / 49, 4.0 / 49}; // 1, 1/4 and 1/9
        ClickLog one = new ClickLogs(SESSIONS, 1, 3, 1, 1, new Fields(0, 0, 2), 2, 0, 0, 0).draw(1);
        ClickLog two = new ClickLogs(SESSIONS, 1, 3, 2, 1, new Fields(0, 0, 2), 2, 0, 0, 0).draw(1);
        double[] first = new double[3];
        one.rows().forEach(row -> first[one.truth().rank(row.item())] += 1.0 / SESSIONS);
        double[][] both = new double[3][3];
        for (int i = 0; i < two.rows().size(); i += 2) {
            both[two.truth().rank(two.rows().get(i).item())][
                    two.truth().rank(two.rows().get(i + 1).item())] += 1.0 / SESSIONS;
        }
        for (int a = 0; a < 3; a++) {
            assertThat(first[a]).isCloseTo(p[a], within(4 * Math.sqrt(p[a] / SESSIONS)));
            for (int b = a + 1; b < 3; b++) {
                double share = p[a] * p[b] / (1 - p[a]) + p[b] * p[a] / (1 - p[b]);
                assertThat(both[a][b]).isCloseTo(share, within(4 * Math.sqrt(share / SESSIONS)));
            }
        }
    }

    /** Where almost all sessions would draw the most popular items again, the rest are drawn among the others alone. */
    @Test
    void veryUnevenPopularityStillFillsTheList() {
        ClickLog log = new ClickLogs(50, 1, 6, 6, 1, new Fields(0, 0, 2), 12, 0, 0, 0).draw(1);
        for (int i = 0; i < log.rows().size(); i++) {
            assertThat(log.truth().rank(log.rows().get(i).item())).isEqualTo(i % 6);
        }
    }

    @Test
    void clicksOverExaminationFindWhatIsRelevantAndPlainRatesDoNot() {
        double[] rate = new double[100];
        double[] corrected = new double[100];
        double[] truth = new double[100];
        for (Row row : ROWS) {
            rate[row.item()] += row.clicked() ? 1 : 0;
            corrected[row.item()] += row.clicked() ? 1 / LOG.truth().examination(row.slot()) : 0;
            truth[row.item()] += LOG.truth().relevance(row.user(), row.item(), row.fields());
        }
        double[] ranks = new double[100];
        for (int item = 0; item < 100; item++) {
            ranks[item] = Math.log(LOG.truth().rank(item) + 1);
            rate[item] /= truth[item];
            corrected[item] /= truth[item];
        }
        // rates over the truth fall with the rank, as the user looks less at unpopular items; corrected ones do not
        assertThat(LeastSquares.correlation(ranks, rate)).isLessThan(-0.6);
        assertThat(Math.abs(LeastSquares.correlation(ranks, corrected))).isLessThan(0.4); // four deviations of none
        assertThat(LeastSquares.mean(corrected)).isCloseTo(1, within(0.08)); // about four errors
    }

    @Test
    void usefulFieldsShiftClicksAndUselessOnesDoNot() {
        int[] useful = LOG.truth().usefulFields();
        assertThat(useful).hasSize(2);
        for (int f = 0; f < 4; f++) {
            int field = f;
            double spread = spread(row -> row.fields()[field]);
            if (Arrays.binarySearch(useful, f) >= 0) {
                assertThat(spread).isGreaterThan(100);
            } else {
                assertThat(spread).isLessThan(60); // chi-square of 7 degrees, widened by clicks of one session
            }
        }
    }

    /** The chi-square statistic of clicks by the values of a column. */
    private static double spread(ToIntFunction<Row> column) {
        double[] clicks = new double[8];
        double[] counts = new double[8];
        for (Row row : ROWS) {
            counts[column.applyAsInt(row)]++;
            clicks[column.applyAsInt(row)] += row.clicked() ? 1 : 0;
        }
        double mean = Arrays.stream(clicks).sum() / ROWS.size();
        double statistic = 0;
        for (int value = 0; value < 8; value++) {
            double expected = counts[value] * mean;
            statistic += Math.pow(clicks[value] - expected, 2) / (expected * (1 - mean));
        }
        return statistic;
    }

    @Test
    void preferencesHaveThePlantedRankAndDeviation() {
        ClickTruth truth = LOG.truth();
        double squares = 0;
        double[][] matrix = new double[200][100];
        for (int user = 0; user < 200; user++) {
            for (int item = 0; item < 100; item++) {
                matrix[user][item] = truth.preference(user, item);
                squares += matrix[user][item] * matrix[user][item] / 20_000;
            }
        }
        assertThat(squares).isCloseTo(1, within(0.3)); // few users and items make it
        assertThat(rank(matrix)).isEqualTo(4);
    }

    /** By elimination with the largest pivots. */
    private static int rank(double[][] matrix) {
        for (int rank = 0; ; rank++) {
            int row = 0;
            int column = 0;
            for (int i = 0; i < matrix.length; i++) {
                for (int j = 0; j < matrix[i].length; j++) {
                    if (Math.abs(matrix[i][j]) > Math.abs(matrix[row][column])) {
                        row = i;
                        column = j;
                    }
                }
            }
            double pivot = matrix[row][column];
            if (Math.abs(pivot) < 1e-10) {
                return rank;
            }
            double[] pivots = matrix[row].clone();
            for (double[] other : matrix) {
                double factor = other[column] / pivot;
                for (int j = 0; j < other.length; j++) {
                    other[j] -= factor * pivots[j];
                }
            }
        }
    }

    @Test
    void logsRepeatAndALongerOneBeginsWithTheShorter() {
        ClickLog longer = ClickLogs.defaults(200).draw(1);
        for (int i = 0; i < 1000; i++) {
            Row row = longer.rows().get(i);
            assertThat(row).usingRecursiveComparison().isEqualTo(ROWS.get(i));
        }
        List<Integer> other =
                ClickLogs.defaults(20).draw(2).rows().stream().map(Row::item).toList();
        assertThat(other).isNotEqualTo(ROWS.stream().limit(100).map(Row::item).toList());
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> ClickLogs.defaults(0)).hasMessageContaining("sessions must be at least 1; got 0");
        assertThatThrownBy(() -> new ClickLogs(1, 1, 2, 3, 1, new Fields(0, 0, 2), 1, 1, 0, 1))
                .hasMessageContaining("items must be at least 3; got 2");
        assertThatThrownBy(() -> new Fields(1, 1, 1)).hasMessageContaining("got 1");
        assertThatThrownBy(() -> ClickLogs.defaults(1).withBias(-1, 0)).hasMessageContaining("got -1.0");
    }
}
