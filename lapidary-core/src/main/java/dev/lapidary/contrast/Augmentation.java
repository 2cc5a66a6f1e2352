package dev.lapidary.contrast;

/**
 * Shows an image a little differently each time: shifted by up to an eighth of its side, with its edge mirrored into what the shift
 * uncovers, and, where asked, mirrored left to right. What is done depends on the seed, the step and the image only.
 *
 * @param mirror whether images may be mirrored: not where captions tell left from right
 * @param seed of the training
 */
record Augmentation(boolean mirror, long seed) {
    private static final int SHARE = 8; // of the side
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final int WORD = 32;

    /** How one image is shown. */
    record View(int down, int right, boolean mirrored) {
        /** As it is. */
        static final View PLAIN = new View(0, 0, false);
    }

    /** The view of an image in a step. */
    View view(long step, int image, int side) {
        long bits = mix(mix(seed + step * GAMMA) + image * GAMMA);
        int most = side / SHARE;
        int down = (int) ((bits & 0xffff) * (2 * most + 1) >>> 16) - most;
        int right = (int) ((bits >>> 16 & 0xffff) * (2 * most + 1) >>> 16) - most;
        return new View(down, right, mirror && (bits >>> WORD & 1) != 0);
    }

    /** Which of its {@code captions} an image has in a step. */
    int caption(long step, int image, int captions) {
        long bits = mix(mix(seed + GAMMA / 2 + step * GAMMA) + image * GAMMA);
        return (int) ((bits >>> WORD) * captions >>> WORD);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
