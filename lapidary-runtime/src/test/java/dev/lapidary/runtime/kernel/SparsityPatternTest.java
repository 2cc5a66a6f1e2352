package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparsityPatternTest {
    private final Golden golden = Golden.maskllm();

    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4", "1:2"})
    void ordersPatternsAsPublished(String text) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        double[][] expected = golden.matrix("patterns/" + text);
        assertThat(pattern.count()).isEqualTo(expected.length);
        for (int code = 0; code < expected.length; code++) {
            for (int column = 0; column < pattern.of(); column++) {
                assertThat(pattern.keeps(code, column)).isEqualTo(expected[code][column] == 1);
            }
        }
    }

    @Test
    void numbersTheNibblesOfTwoOfFour() {
        int[] expected = golden.integers("patterns/nibbles_bit0_is_first_column_2:4");
        for (int code = 0; code < expected.length; code++) {
            assertThat(SparsityPattern.TWO_OF_FOUR.positions(code)).isEqualTo(expected[code]);
        }
    }

    @Test
    void hasSeventyPatternsOfFourOfEight() {
        SparsityPattern pattern = new SparsityPattern(4, 8);
        assertThat(pattern.count()).isEqualTo((int) golden.number("patterns/4:8_count"));
        assertThat(pattern.positions(0)).isEqualTo(0b00001111);
        assertThat(pattern.positions(69)).isEqualTo(0b11110000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1:2", "1:4", "2:4", "3:4", "2:8", "4:8", "1:16", "15:16", "2:12"})
    void findsTheCodeOfEverySetOfPositions(String text) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        int next = 0;
        int[] byCode = new int[pattern.count()];
        for (int code = 0; code < pattern.count(); code++) {
            byCode[code] = pattern.positions(code);
            assertThat(Integer.bitCount(byCode[code])).isEqualTo(pattern.kept());
            assertThat(pattern.code(byCode[code])).isEqualTo(code);
        }
        for (int positions = 0; positions < 1 << pattern.of() + 1; positions++) {
            if (pattern.code(positions) >= 0) {
                next++;
            }
        }
        assertThat(next).isEqualTo(pattern.count());
        assertThat(pattern).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4:4", "0:4", "5:4", "2:17", "8:16", "99999:4", "2", "a:b", "", "-1:4"})
    void refusesWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> SparsityPattern.parse(text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got");
    }

    @Test
    void refusesCodesThatDoNotExist() {
        assertThatThrownBy(() -> SparsityPattern.TWO_OF_FOUR.positions(6)).hasMessageContaining("got 6");
        assertThatThrownBy(() -> SparsityPattern.TWO_OF_FOUR.positions(-1)).hasMessageContaining("got -1");
    }
}
