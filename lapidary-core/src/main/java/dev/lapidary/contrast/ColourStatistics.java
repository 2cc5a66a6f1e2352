package dev.lapidary.contrast;

/**
 * Mean and deviation of each colour, of values from 0 to 1.
 *
 * @param mean [3], red, green, blue
 * @param deviation [3]
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record ColourStatistics(double[] mean, double[] deviation) {
    private static final int COLOURS = 3;
    private static final double BYTE = 255;
    private static final double LEAST = 1e-3; // deviation, for images of one colour

    /** Measures at most the first {@code most} of some images. */
    static ColourStatistics of(Pixels pixels, int[] images, int most) {
        double[] mean = new double[COLOURS];
        double[] deviation = new double[COLOURS];
        int looked = Math.min(most, images.length);
        double count = (double) looked * pixels.side() * pixels.side();
        for (int colour = 0; colour < COLOURS; colour++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < looked; i++) {
                for (int y = 0; y < pixels.side(); y++) {
                    for (int x = 0; x < pixels.side(); x++) {
                        double value = pixels.value(images[i], y, x, colour) / BYTE;
                        sum += value;
                        squares += value * value;
                    }
                }
            }
            mean[colour] = rounded(sum / count);
            deviation[colour] =
                    Math.max(LEAST, rounded(Math.sqrt(Math.max(0, squares / count - Math.pow(sum / count, 2)))));
        }
        return new ColourStatistics(mean, deviation);
    }

    /** To four digits, as they are written down. */
    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }

    float[][] table() {
        return Pixels.table(mean, deviation);
    }
}
