package dev.lapidary.synthetic.scene;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What a scene folder holds, and how it was written.
 *
 * @param count scenes of the folder
 * @param drawn pictures written now; the others were there
 * @param imagesPerSecond of those written now; 0 where none was
 * @param classes how many scenes are of each class, in the order of {@link SceneClass}
 * @param concepts share of the scenes that have each concept, in the order of {@link SceneConcept#list()}
 */
public record SceneReport(
        int count,
        int drawn,
        double imagesPerSecond,
        SequencedMap<String, Integer> classes,
        SequencedMap<String, Double> concepts) {
    /** Copies the maps. */
    public SceneReport {
        classes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(classes));
        concepts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(concepts));
    }
}
