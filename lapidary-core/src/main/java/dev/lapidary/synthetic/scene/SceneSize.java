package dev.lapidary.synthetic.scene;

/** How large an object is. */
public enum SceneSize {
    /** About 10 of 32 pixels across. */
    SMALL("small", 0.15),
    /** About 14 of 32 pixels across. */
    LARGE("large", 0.22);

    private final String word;
    private final double radius;

    SceneSize(String word, double radius) {
        this.word = word;
        this.radius = radius;
    }

    /** Returns the adjective. */
    public String word() {
        return word;
    }

    /** Returns half of what it is across, as a share of the picture's side. */
    double radius() {
        return radius;
    }
}
