package dev.lapidary.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Figures of drawn digits, and what simple classifiers find in them. */
class DigitsTest {
    private static final DigitImages IMAGES = Digits.handwritten().draw(3000, 1);

    @Test
    void aShorterSetBeginsALongerOneAndSeedsDiffer() {
        DigitImages few = Digits.handwritten().draw(20, 1);
        for (int i = 0; i < 20; i++) {
            assertThat(few.pixels()[i]).isEqualTo(IMAGES.pixels()[i]);
            assertThat(few.labels()[i]).isEqualTo(IMAGES.labels()[i]);
        }
        assertThat(Digits.handwritten().draw(20, 2).labels()).isNotEqualTo(few.labels());
    }

    @Test
    void digitsAreEvenlyLikely() {
        double chi = 0;
        for (int digit = 0; digit < 10; digit++) {
            int wanted = digit;
            double count =
                    Arrays.stream(IMAGES.labels()).filter(l -> l == wanted).count();
            chi += (count - 300) * (count - 300) / 300;
        }
        assertThat(chi).isLessThan(27.88); // 9 degrees of freedom, one in a thousand
    }

    @Test
    void withoutDistortionAndNoiseOnlyDigitWayAndPenDiffer() {
        DigitImages plain = new Digits(14, 0, 0).draw(2000, 3);
        for (int digit = 0; digit < 10; digit++) {
            Set<String> different = new HashSet<>();
            for (int i = 0; i < plain.size(); i++) {
                if (plain.labels()[i] == digit) {
                    different.add(Arrays.toString(plain.pixels()[i]));
                }
            }
            assertThat(different).hasSizeBetween(DigitStrokes.ways(digit), 60); // pens of a few widths
        }
    }

    @Test
    void imagesAreDistortedWithoutLeavingTheSquare() {
        Set<String> different = new HashSet<>();
        double ink = 0;
        double edge = 0;
        for (byte[] image : IMAGES.pixels()) {
            different.add(Arrays.toString(image));
            for (int i = 0; i < image.length; i++) {
                assertThat(image[i]).isBetween((byte) 0, (byte) 1);
                ink += image[i];
                edge += i % 14 == 0 || i % 14 == 13 || i < 14 || i >= 13 * 14 ? image[i] : 0;
            }
        }
        assertThat(different.size()).isGreaterThan(2990);
        assertThat(ink / IMAGES.size() / 196).isBetween(0.1, 0.3);
        assertThat(edge / ink).isLessThan(0.08);
    }

    /** The nearest of 2000 images tells the digit; the nearest upper half tells it less often. */
    @Test
    void neighboursTellTheDigitAndHalvesLessSo() {
        double whole = accuracy(0, 14);
        double upper = accuracy(0, 7);
        assertThat(whole).isGreaterThan(0.93);
        assertThat(upper).isBetween(0.5, whole - 0.05);
    }

    private static double accuracy(int firstRow, int lastRow) {
        float[] all = IMAGES.rows(0, 3000, firstRow, lastRow);
        int width = (lastRow - firstRow) * 14;
        int right = 0;
        for (int test = 2000; test < 2500; test++) {
            int best = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int other = 0; other < 2000; other++) {
                double distance = 0;
                for (int i = 0; i < width; i++) {
                    distance += Math.abs(all[test * width + i] - all[other * width + i]);
                }
                if (distance < least) {
                    least = distance;
                    best = other;
                }
            }
            right += IMAGES.labels()[best] == IMAGES.labels()[test] ? 1 : 0;
        }
        return right / 500.0;
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new Digits(7, 1, 0)).hasMessageContaining("side must be at least 8; got 7");
        assertThatThrownBy(() -> new Digits(14, -1, 0)).hasMessageContaining("got -1.0 and 0.0");
        assertThatThrownBy(() -> Digits.handwritten().draw(0, 1))
                .hasMessageContaining("images must be at least 1; got 0");
    }
}
