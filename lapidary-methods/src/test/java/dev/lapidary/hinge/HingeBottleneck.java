package dev.lapidary.hinge;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.concept.bottleneck.BottleneckProblem;
import dev.lapidary.concept.bottleneck.Fit;
import dev.lapidary.concept.bottleneck.ScoreRows;
import dev.lapidary.concept.classifier.NamedMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A bottleneck method as somebody elsewhere would add it, with a loss of its own: the largest hinge max(0, 1 + z_k − z_y) over the wrong
 * classes, by averaged subgradient steps of fixed length. Its map tells the dial which concepts matter.
 *
 * @see <a href="https://www.jmlr.org/papers/v2/crammer01a.html">Crammer and Singer, On the algorithmic implementation of multiclass
 *     kernel-based vector machines, JMLR 2001</a>
 */
public final class HingeBottleneck implements BottleneckMethod {
    private static final int PASSES = 5;
    private static final double RATE = 0.01;

    @Override
    public String id() {
        return "hinge";
    }

    @Override
    public String summary() {
        return "the largest hinge over the wrong classes";
    }

    @Override
    public Fit fit(BottleneckProblem problem) {
        return problem.dial(rows -> {
            problem.cancellation().check();
            return map(rows);
        });
    }

    /** The mean of the maps after every step. */
    private static NamedMap map(ScoreRows rows) {
        double[][] weights = new double[rows.classes()][rows.width()]; // [K, M]
        double[][] sums = new double[rows.classes()][rows.width()]; // [K, M]
        float[] scores = new float[rows.width()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(4L * rows.width(), 64);
            for (int step = 0; step < PASSES * rows.labels().length; step++) {
                int item = step % rows.labels().length;
                rows.gather(new int[] {item}, row);
                MemorySegment.copy(row, ValueLayout.JAVA_FLOAT, 0, scores, 0, scores.length);
                step(weights, scores, rows.labels()[item]);
                for (int k = 0; k < sums.length; k++) {
                    for (int m = 0; m < scores.length; m++) {
                        sums[k][m] += weights[k][m] / (PASSES * rows.labels().length);
                    }
                }
            }
        }
        return new NamedMap(sums, new double[rows.classes()]);
    }

    private static void step(double[][] weights, float[] scores, int label) {
        double[] z = Arrays.stream(weights).mapToDouble(row -> dot(row, scores)).toArray();
        int worst = -1;
        for (int k = 0; k < z.length; k++) {
            if (k != label && (worst < 0 || z[k] > z[worst])) {
                worst = k;
            }
        }
        if (1 + z[worst] > z[label]) {
            for (int m = 0; m < scores.length; m++) {
                weights[label][m] += RATE * scores[m];
                weights[worst][m] -= RATE * scores[m];
            }
        }
    }

    private static double dot(double[] row, float[] scores) {
        double sum = 0;
        for (int m = 0; m < scores.length; m++) {
            sum += row[m] * scores[m];
        }
        return sum;
    }
}
