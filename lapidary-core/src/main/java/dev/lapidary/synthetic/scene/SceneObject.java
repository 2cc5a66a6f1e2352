package dev.lapidary.synthetic.scene;

/**
 * One object of a scene.
 *
 * @param shape outline
 * @param colour colour of its surface, and darker of its texture
 * @param texture what is drawn on it
 * @param size how large it is
 * @param place where it lies, but for the shift
 * @param pose how it differs from others of the same kind
 */
public record SceneObject(
        SceneShape shape, SceneColour colour, SceneTexture texture, SceneSize size, ScenePlace place, Pose pose) {
    /**
     * The small differences that no caption tells.
     *
     * @param dx shift to the right, as a share of the picture's side
     * @param dy shift downwards
     * @param scale factor of the size, about 1
     * @param angle radians clockwise
     * @param tint added to every channel of the colour, in 1/255
     */
    public record Pose(double dx, double dy, double scale, double angle, int tint) {}

    /** Returns such as "a large red striped circle on the left"; plain surfaces are not named. */
    public String caption() {
        String surface = texture == SceneTexture.PLAIN ? "" : texture.word() + " ";
        return "a " + size.word() + " " + colour.word() + " " + surface + shape.word() + " " + place.words();
    }
}
