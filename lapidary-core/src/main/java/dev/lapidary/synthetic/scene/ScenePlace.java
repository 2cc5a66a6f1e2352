package dev.lapidary.synthetic.scene;

/** Where in a picture an object lies; no two objects of a scene are at the same place. */
public enum ScenePlace {
    /** In the middle of the left side. */
    LEFT("on the left", 0.22, 0.5),
    /** In the middle of the right side. */
    RIGHT("on the right", 0.78, 0.5),
    /** In the middle of the upper side. */
    TOP("at the top", 0.5, 0.22),
    /** In the middle of the lower side. */
    BOTTOM("at the bottom", 0.5, 0.78),
    /** In the middle of the picture. */
    CENTRE("in the centre", 0.5, 0.5);

    private final String words;
    private final double x;
    private final double y;

    ScenePlace(String words, double x, double y) {
        this.words = words;
        this.x = x;
        this.y = y;
    }

    /** Returns the phrase that says where. */
    public String words() {
        return words;
    }

    /** Returns the distance from the left, as a share of the picture's side. */
    double x() {
        return x;
    }

    /** Returns the distance from the top, as a share of the picture's side. */
    double y() {
        return y;
    }

    double distance(ScenePlace other) {
        return Math.hypot(x - other.x, y - other.y);
    }
}
