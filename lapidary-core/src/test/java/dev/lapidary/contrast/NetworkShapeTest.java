package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NetworkShapeTest {
    /** Counted by hand, layer by layer: pixels of the map, pixels of the kernel, channels in, channels out. */
    @Test
    void operationsAreTwoForEachProduct() {
        double stem = 32 * 32 * 9 * 3 * 8;
        double first = 2 * 32 * 32 * 9 * 8 * 8;
        double second = 16 * 16 * (9 * 8 * 16 + 9 * 16 * 16 + 8 * 16);
        double third = 8 * 8 * (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32);
        double projection = 32 * 12;

        assertThat(new NetworkShape(32, 8, 1, 12).operations())
                .isEqualTo(2 * (stem + first + second + third + projection));
    }
}
