package dev.lapidary.synthetic.scene;

/**
 * What lies behind the objects: greys with a touch of a colour, one running into another.
 *
 * @param shade dark or light
 * @param from 0xRRGGBB on one side
 * @param to 0xRRGGBB on the other side, of the same shade
 * @param angle direction from one to the other in radians
 */
public record SceneBackground(Shade shade, int from, int to, double angle) {
    /** Dark or light. */
    public enum Shade {
        /** Below a quarter of white. */
        DARK("dark", 18, 62),
        /** About three fifths of white, so that white objects are seen. */
        LIGHT("light", 130, 175);

        private final String word;
        private final int least;
        private final int most;

        Shade(String word, int least, int most) {
            this.word = word;
            this.least = least;
            this.most = most;
        }

        /** Returns the adjective. */
        public String word() {
            return word;
        }

        int least() {
            return least;
        }

        int most() {
            return most;
        }
    }
}
