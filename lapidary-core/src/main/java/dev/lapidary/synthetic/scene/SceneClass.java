package dev.lapidary.synthetic.scene;

import java.util.List;

/**
 * The class of a scene, by two questions about its concepts, one with three answers and one with two.
 *
 * <table>
 * <caption>The rule</caption>
 * <tr><th>class</th><th>something red</th><th>something blue</th><th>a striped texture</th></tr>
 * <tr><td>red with stripes</td><td>present</td><td>any</td><td>present</td></tr>
 * <tr><td>red</td><td>present</td><td>any</td><td>absent</td></tr>
 * <tr><td>blue with stripes</td><td>absent</td><td>present</td><td>present</td></tr>
 * <tr><td>blue</td><td>absent</td><td>present</td><td>absent</td></tr>
 * <tr><td>stripes</td><td>absent</td><td>absent</td><td>present</td></tr>
 * <tr><td>neither</td><td>absent</td><td>absent</td><td>absent</td></tr>
 * </table>
 *
 * <p>What is red or blue need not be what is striped. A linear decision over these three concepts is right: red counts 4 for its
 * classes, blue 2 for its own, and stripes count 1 for the classes with stripes, against 0.5 without; the last two classes have 1 more.
 */
public enum SceneClass {
    /** Something red, something striped. */
    RED_STRIPES("red with stripes"),
    /** Something red, nothing striped. */
    RED("red"),
    /** Something blue, something striped, nothing red. */
    BLUE_STRIPES("blue with stripes"),
    /** Something blue, nothing striped, nothing red. */
    BLUE("blue"),
    /** Something striped, nothing red or blue. */
    STRIPES("stripes"),
    /** Nothing red, blue or striped. */
    NEITHER("neither");

    private final String label;

    SceneClass(String label) {
        this.label = label;
    }

    /** Returns the name of the class. */
    public String label() {
        return label;
    }

    static SceneClass of(List<SceneObject> objects) {
        boolean red = objects.stream().anyMatch(o -> o.colour() == SceneColour.RED);
        boolean blue = objects.stream().anyMatch(o -> o.colour() == SceneColour.BLUE);
        boolean striped = objects.stream().anyMatch(o -> o.texture() == SceneTexture.STRIPED);
        if (red) {
            return striped ? RED_STRIPES : RED;
        }
        if (blue) {
            return striped ? BLUE_STRIPES : BLUE;
        }
        return striped ? STRIPES : NEITHER;
    }
}
