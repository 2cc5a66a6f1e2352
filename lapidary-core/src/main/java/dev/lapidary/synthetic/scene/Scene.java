package dev.lapidary.synthetic.scene;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a picture shows.
 *
 * @param objects from the one first drawn and named, at different places
 * @param background what is behind them
 * @param noiseSeed draws the noise of the pixels
 */
public record Scene(List<SceneObject> objects, SceneBackground background, long noiseSeed) {
    /** Copies the list. */
    public Scene {
        objects = List.copyOf(objects);
    }

    /** Whether an object is such. */
    public boolean shows(Predicate<SceneObject> such) {
        return objects.stream().anyMatch(such);
    }

    /** Returns the class by the rule of {@link SceneClass}. */
    public SceneClass label() {
        return SceneClass.of(objects);
    }

    /**
     * Returns what an English reader would say, such as "a large red striped circle on the left and a small blue star at the top, on
     * a dark background".
     */
    public String caption() {
        List<String> all = objects.stream().map(SceneObject::caption).toList();
        String first = all.stream().limit(Math.max(1, all.size() - 1)).collect(Collectors.joining(", "));
        String last = all.size() > 1 ? " and " + all.getLast() : "";
        return first + last + ", on a " + background.shade().word() + " background";
    }
}
