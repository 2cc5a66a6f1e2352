package dev.lapidary.concept.classifier;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Scores classes through standardised concept scores: s_m = (cos(e, t_m) − mean_m)·scale_m, perhaps gated, then a {@link NamedMap}.
 *
 * <p>Shapes: vectors [M, d] float32 of unit length, or absent where the embedding's own d coordinates take the place of concepts (a
 * linear probe); mean and scale [M] float64; scale 0 marks a score that never varied in training. Calculated in float64, so that
 * contributions and bias sum to the logit. Immutable.
 */
public final class ConceptScorer implements ClassScorer {
    private static final long COORDINATES = 0; // what the scores are cosines with, as stored
    private static final long SHARED = 1;
    private static final long OWN = 2;

    private final float @Nullable [][] vectors; // [M, d]
    private final double[] mean; // [M]
    private final double[] scale; // [M]
    private final @Nullable ConceptGates gates;
    private final NamedMap map;
    private final int width;

    /** Creates a scorer; the vectors are not copied, so they must not be changed later. */
    public ConceptScorer(
            float @Nullable [][] vectors,
            Standardisation standardisation,
            @Nullable ConceptGates gates,
            NamedMap map,
            int width) {
        this.vectors = vectors;
        this.mean = standardisation.mean();
        this.scale = standardisation.scale();
        this.gates = gates;
        this.map = map;
        this.width = width;
        if (mean.length != map.concepts() || scale.length != map.concepts()) {
            throw new IllegalArgumentException("map must have a weight per score; got " + map.concepts()
                    + " weights for " + mean.length + " scores");
        }
    }

    @Override
    public int classes() {
        return map.classes();
    }

    @Override
    public double nec() {
        return map.nec();
    }

    /** The map from named scores to logits. */
    public NamedMap map() {
        return map;
    }

    /** Whether gates stand between scores and map. */
    public boolean gated() {
        return gates != null;
    }

    /** The same scorer with another map. */
    public ConceptScorer withMap(NamedMap changed) {
        return new ConceptScorer(vectors, new Standardisation(mean, scale), gates, changed, width);
    }

    /** Cosines [M] of an embedding [d] with the concepts. */
    public double[] cosines(float[] embedding) {
        requireWidth(embedding.length);
        UnitVector.requireFinite(embedding);
        double inverse = UnitVector.inverseLength(embedding);
        double[] cosines = new double[mean.length];
        for (int m = 0; m < cosines.length; m++) {
            cosines[m] = vectors == null ? embedding[m] * inverse : UnitVector.dot(vectors[m], embedding) * inverse;
        }
        return cosines;
    }

    /** Standardised scores [M] of an embedding [d]: in standard deviations above the training mean. */
    public double[] scores(float[] embedding) {
        double[] s = cosines(embedding);
        for (int m = 0; m < s.length; m++) {
            s[m] = (s[m] - mean[m]) * scale[m];
        }
        return s;
    }

    /** What of a concept's standardised score reaches the map: all of it, or what its gate lets pass. */
    public double passed(int concept, double score) {
        return gates == null ? score : gates.pass(concept, score);
    }

    /** How far a concept's gate is open at a standardised score, in [0, 1]; 1 without gates. */
    public double gate(int concept, double score) {
        return gates == null ? 1 : gates.gate(concept, score);
    }

    /** What of the scores [M] reaches the map, [M]. */
    public double[] passed(double[] scores) {
        double[] p = new double[scores.length];
        for (int m = 0; m < p.length; m++) {
            p[m] = passed(m, scores[m]);
        }
        return p;
    }

    /** Mean and scale that turn a cosine into a standardised score. */
    public double standardise(int concept, double cosine) {
        return (cosine - mean[concept]) * scale[concept];
    }

    @Override
    public double[][] logits(EmbeddingMatrix items, int @Nullable [] rows) {
        requireWidth(items.width());
        int n = rows == null ? items.rows() : rows.length;
        double[][] z = new double[n][];
        Folded folded = gates == null ? fold() : null;
        int[] used = usedConcepts();
        for (int i = 0; i < n; i++) {
            float[] e = items.row(rows == null ? i : rows[i]);
            UnitVector.requireFinite(e);
            z[i] = folded != null ? folded.logits(e) : gatedLogits(e, used);
        }
        return ClassScorer.requireNumbers(z);
    }

    /** Mean number of concepts per item whose gate is open, among those that decide; without gates all of those. */
    public double activeConcepts(EmbeddingMatrix items, int[] rows) {
        int[] used = usedConcepts();
        if (gates == null) {
            return used.length;
        }
        long open = 0;
        for (int row : rows) {
            double[] s = scores(items.row(row));
            for (int m : used) {
                open += gates.gate(m, s[m]) > 0 ? 1 : 0;
            }
        }
        return (double) open / rows.length;
    }

    private double[] gatedLogits(float[] e, int[] used) {
        double inverse = UnitVector.inverseLength(e);
        double[] z = map.bias();
        for (int m : used) {
            double cosine = vectors == null ? e[m] * inverse : UnitVector.dot(vectors[m], e) * inverse;
            double p = passed(m, standardise(m, cosine));
            if (p != 0) {
                for (int k = 0; k < z.length; k++) {
                    z[k] += map.weight(k, m) * p;
                }
            }
        }
        return z;
    }

    private int[] usedConcepts() {
        return IntStream.range(0, map.concepts()).filter(map::uses).toArray();
    }

    /** The map in terms of unit embeddings: z = directions·e + offset. */
    private Folded fold() {
        double[][] directions = new double[classes()][width];
        double[] offset = map.bias();
        for (int m : usedConcepts()) {
            for (int k = 0; k < offset.length; k++) {
                double w = map.weight(k, m) * scale[m];
                offset[k] -= w * mean[m];
                if (vectors == null) {
                    directions[k][m] += w;
                } else {
                    float[] t = vectors[m];
                    for (int j = 0; j < width; j++) {
                        directions[k][j] += w * t[j];
                    }
                }
            }
        }
        return new Folded(directions, offset);
    }

    @SuppressWarnings("ArrayRecordComponent") // private, never compared
    private record Folded(double[][] directions, double[] offset) {
        double[] logits(float[] e) {
            double inverse = UnitVector.inverseLength(e);
            double[] z = offset.clone();
            for (int k = 0; k < z.length; k++) {
                double[] u = directions[k];
                double sum = 0;
                for (int j = 0; j < u.length; j++) {
                    sum += u[j] * e[j];
                }
                z[k] += sum * inverse;
            }
            return z;
        }
    }

    private void requireWidth(int got) {
        if (got != width) {
            throw new InputException("embeddings must have the width of the training, " + width + "; got " + got);
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public List<TensorView> tensors(String prefix, float[][] shared) {
        int k = classes();
        int m = map.concepts();
        List<TensorView> tensors = new ArrayList<>();
        double[] flat =
                Arrays.stream(map.weights()).flatMapToDouble(Arrays::stream).toArray();
        tensors.add(TensorView.of(prefix + "weight", flat, k, m));
        tensors.add(TensorView.of(prefix + "bias", map.bias(), k));
        tensors.add(TensorView.of(prefix + "mean", mean, m));
        tensors.add(TensorView.of(prefix + "scale", scale, m));
        if (gates != null) {
            tensors.add(TensorView.of(prefix + "gate.slope", gates.slope(), m));
            tensors.add(TensorView.of(prefix + "gate.offset", gates.offset(), m));
        }
        long basis = vectors == null ? COORDINATES : vectors == shared ? SHARED : OWN;
        tensors.add(TensorView.of(prefix + "basis", new long[] {basis}, 1));
        if (vectors != null && basis == OWN) {
            tensors.add(StoredTensors.of(prefix + "vectors", vectors, width));
        }
        return tensors;
    }

    /** Restores what {@link #tensors} gave; width is that of the embeddings. */
    static ConceptScorer restore(Map<String, TensorView> tensors, String prefix, float[][] shared, int width) {
        double[][] rows = StoredTensors.matrix(tensors, prefix + "weight");
        int k = rows.length;
        int m = rows[0].length;
        var map = new NamedMap(rows, StoredTensors.doubles(tensors, prefix + "bias", k));
        var standardisation = new Standardisation(
                StoredTensors.doubles(tensors, prefix + "mean", m),
                StoredTensors.doubles(tensors, prefix + "scale", m));
        ConceptGates gates = tensors.containsKey(prefix + "gate.slope")
                ? new ConceptGates(
                        StoredTensors.doubles(tensors, prefix + "gate.slope", m),
                        StoredTensors.doubles(tensors, prefix + "gate.offset", m))
                : null;
        long[] stored = StoredTensors.require(tensors, prefix + "basis", 1).toLongs();
        if (stored.length != 1 || stored[0] < COORDINATES || stored[0] > OWN) {
            throw new InputException(
                    "tensor " + prefix + "basis must be one of 0, 1 and 2; got " + Arrays.toString(stored));
        }
        long basis = stored[0];
        float[][] vectors = basis == SHARED
                ? shared
                : basis == OWN ? StoredTensors.rows(tensors, prefix + "vectors", m, width) : null;
        int scores = vectors == null ? width : vectors.length;
        if (m != scores) {
            throw new InputException(prefix + "weight must have one column per score, " + scores + "; got " + m);
        }
        return new ConceptScorer(vectors, standardisation, gates, map, width);
    }
}
