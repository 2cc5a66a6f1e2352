package dev.lapidary.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CounterNoiseTest {
    private static final CounterNoise NOISE = new CounterNoise(7, 3);

    /** The test vectors that the authors of Philox publish (Random123, kat_vectors). */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffffffffffff, ffffffffffffffff, ffffffffffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "85a308d3243f6a88, 0370734413198a2e, 299f31d0a4093822, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void philoxGivesThePublishedWords(String low, String high, String key, String expected) {
        int[] out = new int[4];
        Philox.block(Philox.schedule(hex(key)), hex(low), hex(high), out, 0, 1);
        assertThat(Arrays.stream(out).mapToObj(w -> String.format("%08x", w))).containsExactly(expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "0, 63",
        "0, 64",
        "0, 65",
        "0, 4097",
        "1, 63",
        "5, 300",
        "64, 64",
        "127, 2000",
        "68719476735, 200"
    })
    void fillsEqualTheScalarTwinBitForBit(long first, int n) {
        float[] uniform = new float[n + 2];
        float[] gumbel = new float[n + 2];
        try (var arena = Arena.ofConfined()) {
            // one byte off: no alignment may be assumed
            MemorySegment raw = arena.allocate(4L * n + 9, 64).asSlice(1);
            NOISE.uniform(11, first, raw.asSlice(0, 4L * n), n);
            MemorySegment.copy(raw, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, uniform, 0, n + 2);
            NOISE.gumbel(11, first, MemorySegment.ofArray(gumbel), n);
        }
        for (int i = 0; i < n; i++) {
            assertThat(uniform[i]).isEqualTo(NOISE.uniformAt(11, first + i));
            assertThat(gumbel[i]).isEqualTo(NOISE.gumbelAt(11, first + i));
        }
        assertThat(uniform).endsWith(0f, 0f);
        assertThat(gumbel).endsWith(0f, 0f);
    }

    @Test
    void everyIndexStepStreamAndSeedGivesItsOwnValues() {
        int n = 1000;
        float[] all = new float[5 * n];
        CounterNoise[] noises = {NOISE, NOISE, NOISE, new CounterNoise(7, 4), new CounterNoise(8, 3)};
        long[] steps = {0, 1, 1L << 32, 0, 0};
        for (int k = 0; k < 5; k++) {
            noises[k].uniform(steps[k], MemorySegment.ofArray(all).asSlice(4L * k * n), n);
        }
        for (int k = 1; k < 5; k++) {
            double product = 0;
            int equal = 0;
            for (int i = 0; i < n; i++) {
                product += (all[i] - 0.5) * (all[k * n + i] - 0.5) * 12 / n;
                equal += all[i] == all[k * n + i] ? 1 : 0;
            }
            assertThat(product).isBetween(-0.12, 0.12); // correlation, standard error 0.032
            assertThat(equal).isLessThan(3);
        }
    }

    @Test
    void uniformsStayInsideTheOpenIntervalAndAreExact() {
        assertThat(CounterNoise.uniform(0)).isEqualTo(0x1p-24f);
        assertThat(CounterNoise.uniform(-1)).isEqualTo(1 - 0x1p-24f);
        for (int k = 0; k < 1 << 23; k += 997) {
            assertThat((double) CounterNoise.uniform(k << 9)).isEqualTo((2L * k + 1) * 0x1p-24);
        }
        assertThat(CounterNoise.gumbel(0)).isCloseTo(-2.8115f, within(1e-4f));
        assertThat(CounterNoise.gumbel(-1)).isCloseTo(16.6355f, within(1e-4f));
    }

    @Test
    void uniformsAreUniform() {
        int n = 1 << 20;
        float[] u = new float[n];
        NOISE.uniform(2, MemorySegment.ofArray(u), n);
        int[] bins = new int[256];
        for (float x : u) {
            bins[(int) (x * 256)]++;
        }
        double chi = 0;
        for (int count : bins) {
            chi += (count - 4096.0) * (count - 4096.0) / 4096.0;
        }
        assertThat(chi).isBetween(170.0, 360.0); // 255 degrees of freedom, standard deviation 22.6
    }

    @Test
    void gumbelsHaveTheMomentsOfTheGumbelDistribution() {
        int n = 1 << 20;
        float[] g = new float[n];
        NOISE.gumbel(4, MemorySegment.ofArray(g), n);
        double mean = 0;
        double square = 0;
        for (float x : g) {
            mean += x / (double) n;
            square += (double) x * x / n;
        }
        assertThat(mean).isCloseTo(0.5772156649, within(0.006)); // standard error 0.00125
        assertThat(square - mean * mean).isCloseTo(Math.PI * Math.PI / 6, within(0.015)); // standard error 0.0033
    }

    /** Every seventh float of [2^-25, 2^5), which holds all arguments that Gumbel noise can meet. */
    @Test
    void logarithmIsWithinOneUlp() {
        double worst = 0;
        for (int bits = Float.floatToRawIntBits(0x1p-25f); bits < Float.floatToRawIntBits(32f); bits += 7) {
            worst = Math.max(worst, ulps(bits));
        }
        for (int bits = Float.floatToRawIntBits(0.999f); bits < Float.floatToRawIntBits(1.001f); bits++) {
            worst = Math.max(worst, ulps(bits));
        }
        assertThat(worst).isBetween(0.9, 1.0);
        assertThat(NaturalLog.of(1f)).isZero();
    }

    private static double ulps(int bits) {
        float x = Float.intBitsToFloat(bits);
        double exact = StrictMath.log(x);
        return x == 1f ? 0 : Math.abs(NaturalLog.of(x) - exact) / Math.ulp((float) exact);
    }

    @Test
    void gumbelIsCloseToTheExactFunction() {
        double worst = 0;
        for (int k = 0; k < 1 << 23; k += 31) {
            double exact = -StrictMath.log(-StrictMath.log((2L * k + 1) * 0x1p-24));
            worst = Math.max(worst, Math.abs(CounterNoise.gumbel(k << 9) - exact) / Math.max(1, Math.abs(exact)));
        }
        assertThat(worst).isLessThan(2e-7);
    }

    @Test
    void refusesWhatDoesNotFit() {
        MemorySegment small = MemorySegment.ofArray(new float[3]);
        assertThatThrownBy(() -> NOISE.gumbel(0, small, 4)).hasMessageContaining("got n=4, bytes=12");
        assertThatThrownBy(() -> NOISE.uniform(0, -1, small, 1)).hasMessageContaining("got first=-1, n=1");
        assertThatThrownBy(() -> NOISE.uniform(0, Long.MAX_VALUE, small, 1)).hasMessageContaining("got first=");
        assertThatThrownBy(() -> NOISE.uniformAt(0, -1)).hasMessageContaining("got first=-1");
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }
}
