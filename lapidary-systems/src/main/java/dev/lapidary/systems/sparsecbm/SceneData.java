package dev.lapidary.systems.sparsecbm;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.ClipEncoder;
import dev.lapidary.image.PixelValues;
import dev.lapidary.synthetic.scene.SceneClass;
import dev.lapidary.synthetic.scene.SceneConcept;
import dev.lapidary.synthetic.scene.SceneGenerator;
import dev.lapidary.synthetic.scene.SceneSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Rendered scenes of one to three objects: every seed draws scenes of its own, which the encoder never saw.
 *
 * @param encoder folder of the encoder
 */
record SceneData(Path encoder, Sizes sizes) implements ConceptData {
    static final String NAME = "scenes";

    private static final long FIRST_SEED = 1_000_000; // apart from the scenes of the encoder's training

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of(
                "items",
                sizes + ", 1 to 3 objects, drawn anew by each seed",
                "encoder",
                SceneEncoder.recipe(),
                "encoderDigest",
                EncoderFiles.digest(encoder),
                "concepts",
                SceneConcept.list().size());
    }

    @Override
    public ConceptProblem draw(long seed) {
        try (ClipEncoder opened = ClipEncoder.open(encoder)) {
            Items all = scenes(opened, FIRST_SEED + seed);
            var names = new Names(opened, opened.promptTemplates(), classNames(), SceneConcept.names());
            int[] rows = IntStream.range(0, sizes.all()).toArray();
            int validation = sizes.train();
            int test = validation + sizes.validation();
            return names.problem(
                    all.select(Arrays.copyOfRange(rows, 0, validation)),
                    all.select(Arrays.copyOfRange(rows, validation, test)),
                    all.select(Arrays.copyOfRange(rows, test, rows.length)),
                    seed,
                    () -> EncoderFiles.digest(encoder));
        }
    }

    private static List<String> classNames() {
        return Arrays.stream(SceneClass.values()).map(SceneClass::label).toList();
    }

    private Items scenes(ClipEncoder opened, long seed) {
        var generator = new SceneGenerator(
                SceneSettings.defaults().withCount(sizes.all()).withSeed(seed).withSide(SharedEncoder.SIDE));
        float[][] vectors = new float[sizes.all()][];
        int[] labels = new int[vectors.length];
        for (int start = 0; start < labels.length; start += opened.batch()) {
            List<PixelValues> batch = new ArrayList<>();
            for (int i = start; i < Math.min(start + opened.batch(), labels.length); i++) {
                batch.add(opened.prepare(generator.image(i)));
                labels[i] =
                        List.of(SceneClass.values()).indexOf(generator.scene(i).label());
            }
            try (EmbeddingMatrix embedded = opened.embed(batch)) {
                for (int i = 0; i < embedded.rows(); i++) {
                    vectors[start + i] = UnitVector.of(embedded.row(i));
                }
            }
        }
        return new Items(vectors, labels);
    }
}
