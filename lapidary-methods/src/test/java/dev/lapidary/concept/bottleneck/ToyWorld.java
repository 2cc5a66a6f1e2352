package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Report;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Texts whose embeddings are known: each class is the sum of three of twelve concepts, each item its class's concepts and noise.
 * A word that is neither has a direction of its own. Embeddings have {@value #WIDTH} coordinates.
 */
public final class ToyWorld {
    static final int WIDTH = 32;
    static final List<String> CONCEPTS = List.of(
            "fur",
            "tail",
            "whiskers",
            "wheel",
            "engine",
            "exhaust",
            "petal",
            "stem",
            "pollen",
            "keel",
            "mast",
            "rudder");
    static final List<String> CLASSES = List.of("animal", "car", "flower", "ship");

    private final Map<String, float[]> vectors = new HashMap<>();
    private final List<String> texts = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();

    private ToyWorld() {}

    /** Draws items of every class with noise of a deviation per coordinate. */
    public static ToyWorld draw(double noise, int... perClass) {
        ToyWorld world = new ToyWorld();
        float[][] concepts = Vectors.random(CONCEPTS.size(), WIDTH, 11);
        for (int m = 0; m < concepts.length; m++) {
            world.vectors.put(CONCEPTS.get(m), concepts[m]);
        }
        Random random = new Random(12);
        for (int k = 0; k < perClass.length; k++) {
            world.vectors.put(CLASSES.get(k), UnitVector.of(sum(concepts, k, 0.2, random)));
            for (int i = 0; i < perClass[k]; i++) {
                String text = CLASSES.get(k) + " number " + i;
                world.vectors.put(text, sum(concepts, k, noise, random)); // of any length
                world.texts.add(text);
                world.labels.add(CLASSES.get(k));
            }
        }
        return world;
    }

    private static float[] sum(float[][] concepts, int number, double noise, Random random) {
        float[] v = new float[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            for (int m = 3 * number; m < 3 * number + 3; m++) {
                v[j] += concepts[m][j];
            }
            v[j] += (float) (noise * random.nextGaussian());
        }
        return v;
    }

    public Dataset data() {
        return Dataset.ofTexts(texts, labels);
    }

    /** The same items as embeddings. */
    Dataset embedded() {
        return Dataset.ofEmbeddings(matrix(texts), labels);
    }

    public EmbeddingMatrix matrix(List<String> of) {
        return EmbeddingMatrix.of(of.stream().map(this::vector).toArray(float[][]::new));
    }

    public List<String> texts() {
        return texts;
    }

    float[] vector(String text) {
        float[] known = vectors.get(text);
        return known != null
                ? known
                : Vectors.random(1, WIDTH, text.toLowerCase(Locale.ROOT).hashCode())[0];
    }

    public static Path conceptFile(Path folder) throws IOException {
        return Files.write(folder.resolve("concepts.txt"), CONCEPTS);
    }

    public TextEncoder encoder() {
        return new TextEncoder() {
            @Override
            public String name() {
                return "toy";
            }

            @Override
            public String digest() {
                return "00";
            }

            @Override
            public int width() {
                return WIDTH;
            }

            @Override
            public int maxTokens() {
                return 8;
            }

            @Override
            public EncodedTexts encode(List<String> of, Progress progress) {
                return new EncodedTexts(matrix(of), 0, of.size());
            }

            @Override
            public void close() {}
        };
    }

    /** The report without what differs from run to run. */
    static Report timeless(Report r) {
        return new Report(
                r.method(),
                r.faithful(),
                r.accuracy(),
                r.macroF1(),
                r.nec(),
                r.concepts(),
                r.classes(),
                r.examples(),
                0,
                r.seeds(),
                r.baselines(),
                r.intervals(),
                r.deviation(),
                r.majority(),
                r.details(),
                r.warnings());
    }
}
