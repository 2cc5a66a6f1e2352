package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.contrast.Augmentation.View;
import dev.lapidary.image.RgbImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an image looks like when it is shown. */
class PixelsTest {
    private static final int SIDE = 4;
    private static final double[] ZERO = {0, 0, 0};
    private static final double[] ONE = {1.0 / 255, 1.0 / 255, 1.0 / 255}; // so that a byte stays what it is

    @Test
    void aShiftMirrorsTheEdgeIntoWhatItUncovers() {
        assertThat(red(new View(0, 1, false))).isDeepEqualTo(new int[][] {row(0, 1), row(1, 1), row(2, 1), row(3, 1)});
        assertThat(red(new View(-1, 0, false))).isDeepEqualTo(new int[][] {row(1, 0), row(0, 0), row(1, 0), row(2, 0)});
    }

    @Test
    void aMirroredImageRunsFromRightToLeft() {
        assertThat(red(new View(0, 0, true))[0]).containsExactly(3, 2, 1, 0);
        assertThat(red(View.PLAIN)[2]).containsExactly(20, 21, 22, 23);
    }

    @Test
    void coloursAreScaledByTheirOwnMeanAndDeviation() {
        float[][] table = Pixels.table(new double[] {0.5, 0, 0.25}, new double[] {0.5, 1, 0.25});
        assertThat(table[0][255]).isCloseTo(1, within(1e-6f));
        assertThat(table[0][0]).isCloseTo(-1, within(1e-6f));
        assertThat(table[1][51]).isCloseTo(0.2f, within(1e-6f));
        assertThat(table[2][255]).isCloseTo(3, within(1e-6f));
    }

    @Test
    void viewsDependOnSeedStepAndImageAndReachEveryShift() {
        Augmentation augmentation = new Augmentation(true, 7);
        assertThat(augmentation.view(3, 5, 32)).isEqualTo(new Augmentation(true, 7).view(3, 5, 32));
        Set<View> views = new HashSet<>();
        for (int step = 0; step < 20_000; step++) {
            views.add(augmentation.view(step, 1, 32));
        }
        assertThat(views)
                .hasSize(9 * 9 * 2)
                .allMatch(view -> Math.abs(view.down()) <= 4 && Math.abs(view.right()) <= 4);
        Augmentation plain = new Augmentation(false, 7);
        for (int step = 0; step < 200; step++) {
            assertThat(plain.view(step, 1, 32).mirrored()).isFalse();
        }
    }

    @Test
    void everyCaptionIsDrawnAboutEquallyOften() {
        int[] counts = new int[3];
        Augmentation augmentation = new Augmentation(false, 1);
        for (int step = 0; step < 3000; step++) {
            counts[augmentation.caption(step, 4, 3)]++;
        }
        assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 900 && count < 1100);
    }

    @Test
    void anImageOfAnotherSideIsRefused() {
        try (Pixels pixels = new Pixels(1, SIDE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pixels.add(new RgbImage(2, 2, new byte[12])))
                    .withMessageContaining("4 x 4");
        }
    }

    /** Red of the pixels of an image in which it is 10 times the row and the column. */
    private static int[][] red(View view) {
        byte[] bytes = new byte[SIDE * SIDE * 3];
        for (int i = 0; i < SIDE * SIDE; i++) {
            bytes[3 * i] = (byte) (10 * (i / SIDE) + i % SIDE);
            bytes[3 * i + 1] = (byte) 200;
        }
        try (Pixels pixels = new Pixels(2, SIDE);
                Arena arena = Arena.ofConfined()) {
            pixels.add(new RgbImage(SIDE, SIDE, new byte[bytes.length]));
            pixels.add(new RgbImage(SIDE, SIDE, bytes));
            MemorySegment target = arena.allocate(bytes.length * 4L, 4);
            pixels.write(1, view, Pixels.table(ZERO, ONE), target);
            int[][] red = new int[SIDE][SIDE];
            for (int i = 0; i < SIDE * SIDE; i++) {
                red[i / SIDE][i % SIDE] = Math.round(target.getAtIndex(ValueLayout.JAVA_FLOAT, 3L * i));
                assertThat(target.getAtIndex(ValueLayout.JAVA_FLOAT, 3L * i + 1))
                        .isCloseTo(200, within(1e-3f));
            }
            return red;
        }
    }

    private static int[] row(int y, int right) {
        int[] row = new int[SIDE];
        for (int x = 0; x < SIDE; x++) {
            int from = x + right;
            row[x] = 10 * y + (from < SIDE ? from : 2 * (SIDE - 1) - from);
        }
        return row;
    }
}
