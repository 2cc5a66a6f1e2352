package dev.lapidary.data;

import java.util.random.RandomGenerator;

/** Puts numbers into a random order. */
final class Order {
    private Order() {}

    static void shuffle(int[] values, RandomGenerator random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }
}
