package dev.lapidary.synthetic.scene;

import dev.lapidary.synthetic.scene.SceneBackground.Shade;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Something that is true of a scene or not.
 *
 * @param name what a reader would call it, such as "a striped texture"
 * @param holds whether it is true
 */
public record SceneConcept(String name, Predicate<Scene> holds) {
    private static final List<SceneConcept> ALL = List.copyOf(all());

    /**
     * Returns all of them, always in this order: colours, shapes, textures, sizes, places, numbers of objects, backgrounds, and
     * conjunctions that hold for one and the same object.
     */
    public static List<SceneConcept> list() {
        return ALL;
    }

    /** Returns their names, in order. */
    public static List<String> names() {
        return ALL.stream().map(SceneConcept::name).toList();
    }

    private static List<SceneConcept> all() {
        List<SceneConcept> all = new ArrayList<>();
        for (SceneColour colour : SceneColour.values()) {
            all.add(object("something " + colour.word(), o -> o.colour() == colour));
        }
        for (SceneShape shape : SceneShape.values()) {
            all.add(object("a " + shape.word(), o -> o.shape() == shape));
        }
        for (SceneTexture texture : SceneTexture.values()) {
            all.add(object("a " + texture.word() + " texture", o -> o.texture() == texture));
        }
        for (SceneSize size : SceneSize.values()) {
            all.add(object("a " + size.word() + " object", o -> o.size() == size));
        }
        for (ScenePlace place : ScenePlace.values()) {
            all.add(object("an object " + place.words(), o -> o.place() == place));
        }
        addWholeScenes(all);
        addConjunctions(all);
        return all;
    }

    private static void addWholeScenes(List<SceneConcept> all) {
        List<String> counts = List.of("one object", "two objects", "three objects");
        for (int i = 0; i < counts.size(); i++) {
            int count = i + 1;
            all.add(new SceneConcept(counts.get(i), s -> s.objects().size() == count));
        }
        for (Shade shade : Shade.values()) {
            all.add(new SceneConcept(
                    "a " + shade.word() + " background", s -> s.background().shade() == shade));
        }
    }

    /** Only conjunctions that a tenth of all scenes or more show. */
    private static void addConjunctions(List<SceneConcept> all) {
        for (SceneSize size : SceneSize.values()) {
            for (SceneShape shape : SceneShape.values()) {
                all.add(object("a " + size.word() + " " + shape.word(), o -> o.size() == size && o.shape() == shape));
            }
            for (SceneTexture texture : SceneTexture.values()) {
                all.add(object(
                        "a " + size.word() + " " + texture.word() + " object",
                        o -> o.size() == size && o.texture() == texture));
            }
        }
        for (SceneColour colour : List.of(SceneColour.RED, SceneColour.BLUE)) { // which the classes make frequent
            for (SceneSize size : SceneSize.values()) {
                all.add(object(
                        "a " + size.word() + " " + colour.word() + " object",
                        o -> o.size() == size && o.colour() == colour));
            }
            all.add(object(
                    "a " + colour.word() + " striped object",
                    o -> o.colour() == colour && o.texture() == SceneTexture.STRIPED));
        }
    }

    private static SceneConcept object(String name, Predicate<SceneObject> such) {
        return new SceneConcept(name, scene -> scene.shows(such));
    }
}
