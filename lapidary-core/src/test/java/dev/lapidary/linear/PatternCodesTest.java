package dev.lapidary.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.Golden;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternCodesTest {
    private final Golden golden = Golden.maskllm();

    @Test
    void packsThreeDigitsOfBaseSixIntoAByte() {
        SparsityPattern pattern = SparsityPattern.TWO_OF_FOUR;
        double[][] mask = golden.matrix("packing/mask");
        double[] codes = Golden.flat(golden.matrix("packing/pattern_codes"));
        byte[] found = new byte[codes.length];
        double[] entries = Golden.flat(mask);
        for (int group = 0; group < codes.length; group++) {
            int positions = 0;
            for (int column = 0; column < 4; column++) {
                positions |= (int) entries[4 * group + column] << column;
            }
            found[group] = (byte) pattern.code(positions);
            assertThat(found[group]).isEqualTo((byte) codes[group]);
        }
        byte[] packed = PatternCodes.pack(found, pattern);
        int[] expected = golden.integers("packing/base6_3codes_per_byte_lsd_first");
        for (int i = 0; i < expected.length; i++) {
            assertThat(packed[i] & 0xFF).isEqualTo(expected[i]);
        }
        assertThat(packed).hasSize(expected.length);
        assertThat(PatternCodes.unpack(packed, found.length, pattern)).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource({"1:2,8,1", "1:4,4,1", "2:4,3,1", "2:8,8,5", "4:8,9,7", "1:16,2,1"})
    void packsAnyPatternAndReadsItBack(String text, int codesPerWord, int bytesPerWord) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        Random random = new Random(1);
        for (int groups : new int[] {0, 1, 2, 7, 8, 9, 63, 64, 65, 1000}) {
            byte[] codes = new byte[groups];
            for (int i = 0; i < groups; i++) {
                codes[i] = (byte) random.nextInt(pattern.count());
            }
            byte[] packed = PatternCodes.pack(codes, pattern);
            assertThat(packed).hasSize((groups + codesPerWord - 1) / codesPerWord * bytesPerWord);
            assertThat(PatternCodes.unpack(packed, groups, pattern)).isEqualTo(codes);
        }
    }

    @Test
    void refusesWordsThatNoCodesGive() {
        SparsityPattern pattern = SparsityPattern.TWO_OF_FOUR;
        assertThatThrownBy(() -> PatternCodes.unpack(new byte[] {(byte) 216}, 3, pattern))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at byte 0");
        assertThatThrownBy(() -> PatternCodes.unpack(new byte[] {0, 6}, 4, pattern)) // a digit that no group has
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at byte 1");
        assertThatThrownBy(() -> PatternCodes.unpack(new byte[2], 3, pattern))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must take 1 bytes; got 2");
        assertThatThrownBy(() -> PatternCodes.unpack(new byte[0], Long.MAX_VALUE, pattern))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> PatternCodes.unpack(new byte[0], -1, pattern)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> PatternCodes.pack(new byte[] {6}, pattern)).hasMessageContaining("got 6");
    }
}
