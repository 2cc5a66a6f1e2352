package dev.lapidary.systems.sparsecbm;

import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.file.Sha256;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Embeddings with planted concepts, made in a moment: an item is the sum of the concepts that it shows, and noise. Half of the concepts
 * belong to one class each, which shows them more often; the others mean nothing. Needs no encoder and no data.
 */
record PlantedData(Sizes sizes) implements ConceptData {
    private static final int WIDTH = 24;
    private static final int CLASSES = 3;
    private static final int CONCEPTS = 12; // two of each class, and six that mean nothing
    private static final double OFTEN = 0.9;
    private static final double SELDOM = 0.15;
    private static final double NOISE = 0.25;
    private static final float COMMON =
            0.5f; // along one axis of everything: cosines are mostly positive, as CLIP's are

    @Override
    public String name() {
        return "planted";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("items", sizes.toString(), "concepts", CONCEPTS);
    }

    @Override
    public ConceptProblem draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] concepts = directions(random, CONCEPTS);
        float[][] classes = new float[CLASSES][];
        for (int k = 0; k < CLASSES; k++) {
            classes[k] = sum(random, concepts[2 * k], concepts[2 * k + 1]);
        }
        return new ConceptProblem(
                concepts,
                classes,
                directions(random, CONCEPTS),
                items(random, concepts, sizes.train()),
                items(random, concepts, sizes.validation()),
                items(random, concepts, sizes.test()),
                () -> Sha256.of(Arrays.deepToString(concepts) + Arrays.deepToString(classes)));
    }

    private static Items items(SplittableRandom random, float[][] concepts, int count) {
        float[][] vectors = new float[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = random.nextInt(CLASSES);
            float[] vector = new float[WIDTH];
            for (int m = 0; m < CONCEPTS; m++) {
                if (random.nextDouble() < (m / 2 == labels[i] ? OFTEN : SELDOM)) {
                    add(vector, concepts[m]);
                }
            }
            vectors[i] = sum(random, vector);
        }
        return new Items(vectors, labels);
    }

    private static float[][] directions(SplittableRandom random, int count) {
        float[][] rows = new float[count][];
        Arrays.setAll(rows, m -> sum(random));
        return rows;
    }

    /** Vectors and noise together, of unit length. */
    private static float[] sum(SplittableRandom random, float[]... vectors) {
        float[] sum = new float[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            sum[j] = (float) (NOISE * random.nextGaussian());
        }
        sum[0] += COMMON;
        for (float[] vector : vectors) {
            add(sum, vector);
        }
        return UnitVector.of(sum);
    }

    private static void add(float[] to, float[] vector) {
        for (int j = 0; j < WIDTH; j++) {
            to[j] += vector[j];
        }
    }
}
