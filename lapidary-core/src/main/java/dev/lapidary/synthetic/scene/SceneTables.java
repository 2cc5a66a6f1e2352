package dev.lapidary.synthetic.scene;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** Writes what is known of all scenes, and counts it. */
final class SceneTables {
    private final SceneGenerator generator;
    private final int count;
    private final List<SceneConcept> concepts = SceneConcept.list();

    SceneTables(SceneGenerator generator) {
        this.generator = generator;
        this.count = generator.settings().count();
    }

    /**
     * Returns the path of a picture in the folder, with six digits or more, so that names sort as numbers do. Seeds other than 0 come
     * first, since items are known by this path: scenes of two seeds must not be taken for the same.
     */
    static String image(long seed, int index) {
        String own = seed == 0 ? "" : seed + "-";
        return String.format(Locale.ROOT, SceneFolder.IMAGES + "/%s%06d.png", own, index + 1);
    }

    private String image(int index) {
        return image(generator.settings().seed(), index);
    }

    /** Writes path, label and caption of every scene. */
    void writeScenes(Path file) throws IOException {
        write(file, csv -> {
            csv.writeRecord("path", "label", "caption");
            for (int i = 0; i < count; i++) {
                Scene scene = generator.scene(i);
                csv.writeRecord(image(i), scene.label().label(), scene.caption());
            }
        });
    }

    /** Writes the path of every scene, and a 1 for each concept that it has, else a 0. */
    void writeConcepts(Path file) throws IOException {
        write(file, csv -> {
            csv.writeRecord(row("path", SceneConcept.names()));
            for (int i = 0; i < count; i++) {
                Scene scene = generator.scene(i);
                csv.writeRecord(row(
                        image(i),
                        concepts.stream()
                                .map(concept -> concept.holds().test(scene) ? "1" : "0")
                                .toList()));
            }
        });
    }

    /** Writes one concept a line. */
    void writeNames(Path file) throws IOException {
        AtomicFiles.writeString(file, String.join("\n", SceneConcept.names()) + "\n");
    }

    /** Counts the scenes of each class. */
    SequencedMap<String, Integer> classes() {
        SequencedMap<String, Integer> classes = new LinkedHashMap<>();
        for (SceneClass label : SceneClass.values()) {
            classes.put(label.label(), 0);
        }
        for (int i = 0; i < count; i++) {
            classes.merge(generator.scene(i).label().label(), 1, Integer::sum);
        }
        return classes;
    }

    /** Returns the share of scenes that have each concept. */
    SequencedMap<String, Double> shares() {
        int[] present = new int[concepts.size()];
        for (int i = 0; i < count; i++) {
            Scene scene = generator.scene(i);
            for (int k = 0; k < present.length; k++) {
                present[k] += concepts.get(k).holds().test(scene) ? 1 : 0;
            }
        }
        SequencedMap<String, Double> shares = new LinkedHashMap<>();
        for (int k = 0; k < present.length; k++) {
            shares.put(concepts.get(k).name(), (double) present[k] / count);
        }
        return shares;
    }

    private static List<String> row(String first, List<String> others) {
        List<String> row = new ArrayList<>();
        row.add(first);
        row.addAll(others);
        return row;
    }

    /** Writes rows to an open table. */
    @FunctionalInterface
    private interface Rows {
        void write(CsvWriter csv);
    }

    private static void write(Path file, Rows rows) throws IOException {
        AtomicFiles.write(file, temporary -> {
            try (CsvWriter csv =
                    CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(temporary)) {
                rows.write(csv);
            }
        });
    }
}
