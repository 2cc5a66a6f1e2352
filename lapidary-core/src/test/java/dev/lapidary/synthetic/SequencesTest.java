package dev.lapidary.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains, automata and repetitions against what is known of them. */
class SequencesTest {
    private static final int LENGTH = 40_000;

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, 3})
    void noModelBeatsTheEntropyRateAndTheTruthReachesIt(double sharpness) {
        MarkovChain chain = new MarkovChains(5, 2, sharpness).draw(3);
        int[] text = chain.text(LENGTH, 0);
        double rate = chain.entropyRate();
        double error = 4 * 3 / Math.sqrt(LENGTH); // losses deviate by less than 2, neighbours are not independent
        assertThat(chain.loss(text)).isCloseTo(rate, within(error));
        double counted = counted(chain.text(LENGTH, 1), text, 2);
        double shorter = counted(chain.text(LENGTH, 1), text, 1);
        assertThat(counted).isBetween(rate - error, rate + error + 0.01);
        if (sharpness == 0) {
            assertThat(rate).isCloseTo(Math.log(5), within(1e-9));
        } else {
            assertThat(shorter).isGreaterThan(counted + 0.05); // the order is needed
            assertThat(rate).isLessThan(Math.log(5) - 0.1);
        }
    }

    /** The loss on a text of the frequencies counted in another, with one added to each. */
    private static double counted(int[] training, int[] test, int order) {
        double[][] counts = new double[(int) Math.pow(5, order)][5];
        for (double[] row : counts) {
            Arrays.fill(row, 1);
        }
        for (int at = 2; at < training.length; at++) {
            counts[context(training, at, order)][training[at]]++;
        }
        double loss = 0;
        for (int at = 2; at < test.length; at++) {
            double[] row = counts[context(test, at, order)];
            loss -= Math.log(row[test[at]] / Arrays.stream(row).sum());
        }
        return loss / (test.length - 2);
    }

    private static int context(int[] text, int at, int order) {
        return order == 1 ? text[at - 1] : 5 * text[at - 2] + text[at - 1];
    }

    @Test
    void contextsComeUpAsOftenAsTheStationaryDistributionSays() {
        MarkovChain chain = new MarkovChains(3, 2, 1).draw(1);
        int[] text = chain.text(LENGTH, 0);
        double[] counts = new double[9];
        for (int at = 2; at < text.length; at++) {
            counts[3 * text[at - 2] + text[at - 1]] += 1.0 / (LENGTH - 2);
        }
        double[] share = chain.stationary();
        assertThat(Arrays.stream(share).sum()).isCloseTo(1, within(1e-9));
        for (int context = 0; context < 9; context++) {
            assertThat(counts[context]).isCloseTo(share[context], within(0.02));
        }
        assertThat(Arrays.stream(chain.next(text, 2)).sum()).isCloseTo(1, within(1e-12));
    }

    @Test
    void textsRepeatAndPartsDiffer() {
        MarkovChains chains = new MarkovChains(4, 1, 2);
        int[] text = chains.draw(1).text(1000, 0);
        assertThat(chains.draw(1).text(1000, 0)).isEqualTo(text);
        assertThat(Arrays.copyOf(chains.draw(1).text(2000, 0), 1000)).isEqualTo(text);
        assertThat(chains.draw(1).text(1000, 1)).isNotEqualTo(text);
        assertThat(chains.draw(2).text(1000, 0)).isNotEqualTo(text);
        assertThat(Arrays.copyOf(text, 12))
                .isEqualTo(Arrays.copyOf(chains.draw(1).text(12, 0), 12));
    }

    @Test
    void countingCountsOnes() {
        Automaton parity = Automaton.counting(2);
        Automaton three = Automaton.counting(3);
        Automaton.Words words = parity.words(200, 11, 4);
        int accepted = 0;
        for (int i = 0; i < 200; i++) {
            int ones = Arrays.stream(words.letters()[i]).sum();
            assertThat(words.inLanguage().get(i)).isEqualTo(ones % 2 == 0);
            assertThat(three.accepts(words.letters()[i])).isEqualTo(ones % 3 == 0);
            assertThat(three.states(words.letters()[i])[11]).isEqualTo(ones % 3);
            accepted += words.inLanguage().get(i) ? 1 : 0;
        }
        assertThat(accepted).isBetween(100 - 29, 100 + 29);
        assertThat(parity.isMinimal()).isTrue();
    }

    @Test
    void drawnAutomataNeedAllTheirStatesAndAreBalanced() {
        for (long seed = 0; seed < 10; seed++) {
            Automaton automaton = Automaton.draw(4, 2, seed);
            for (int a = 0; a < 4; a++) {
                for (int b = 0; b < a; b++) {
                    assertThat(differ(automaton, a, b, 4)).isTrue();
                }
            }
            Automaton.Words words = automaton.words(1000, 20, seed);
            long accepted = words.inLanguage().stream().filter(in -> in).count();
            assertThat(accepted).isBetween(200L - 50, 800L + 50);
        }
        assertThat(Automaton.draw(4, 2, 1).next())
                .isDeepEqualTo(Automaton.draw(4, 2, 1).next());
        assertThat(Automaton.draw(4, 2, 1).next())
                .isNotEqualTo(Automaton.draw(4, 2, 2).next());
    }

    /** Whether a suffix of at most {@code letters} letters is accepted from one state and not from the other. */
    private static boolean differ(Automaton automaton, int a, int b, int letters) {
        if (automaton.accepting()[a] != automaton.accepting()[b]) {
            return true;
        }
        for (int letter = 0; letter < 2 && letters > 0; letter++) {
            if (differ(automaton, automaton.next()[a][letter], automaton.next()[b][letter], letters - 1)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void automataThatCouldBeSmallerAreNotMinimal() {
        assertThat(new Automaton(new int[][] {{0, 1}, {1, 0}, {2, 2}}, new boolean[] {true, false, true}).isMinimal())
                .isFalse(); // one that is never reached
        assertThat(new Automaton(new int[][] {{1, 2}, {0, 0}, {0, 0}}, new boolean[] {true, false, false}).isMinimal())
                .isFalse(); // two that are alike
    }

    @Test
    void repetitionsRepeatEvenTokens() {
        int[][] sequences = new Repeats(8, 50).draw(100, 1);
        int[] counts = new int[8];
        for (int[] sequence : sequences) {
            for (int t = 0; t < 50; t++) {
                assertThat(sequence[50 + t]).isEqualTo(sequence[t]);
                counts[sequence[t]]++;
            }
        }
        for (int count : counts) {
            assertThat(count).isCloseTo(625, within(94)); // four deviations
        }
        assertThat(sequences[0]).isNotEqualTo(sequences[1]);
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> new MarkovChains(1, 1, 1)).hasMessageContaining("got 1");
        assertThatThrownBy(() -> new MarkovChains(100, 4, 1)).hasMessageContaining("got 100^4");
        assertThatThrownBy(() -> new MarkovChains(3, 2, 1).draw(1).next(new int[5], 1))
                .hasMessageContaining("got 1");
        assertThatThrownBy(() -> new Automaton(new int[][] {{2}}, new boolean[] {true}))
                .hasMessageContaining("got [2]");
        assertThatThrownBy(() -> Automaton.counting(1)).hasMessageContaining("got 1");
        assertThatThrownBy(() -> new Repeats(2, 0)).hasMessageContaining("got 0");
    }
}
