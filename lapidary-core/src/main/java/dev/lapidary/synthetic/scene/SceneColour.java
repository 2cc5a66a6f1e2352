package dev.lapidary.synthetic.scene;

/** The colour of an object; any two differ clearly, and from the greys behind them. */
public enum SceneColour {
    /** Red. */
    RED("red", 0xdc1e28),
    /** Orange. */
    ORANGE("orange", 0xff8c0a),
    /** Yellow. */
    YELLOW("yellow", 0xffe628),
    /** Green. */
    GREEN("green", 0x1eaa32),
    /** Blue. */
    BLUE("blue", 0x2350eb),
    /** Purple. */
    PURPLE("purple", 0x8c28be),
    /** Pink. */
    PINK("pink", 0xff96c8),
    /** White. */
    WHITE("white", 0xfafafa);

    private final String word;
    private final int rgb;

    SceneColour(String word, int rgb) {
        this.word = word;
        this.rgb = rgb;
    }

    /** Returns the adjective. */
    public String word() {
        return word;
    }

    /** Returns 0xRRGGBB. */
    int rgb() {
        return rgb;
    }
}
