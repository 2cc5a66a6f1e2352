package dev.lapidary.systems.losses;

import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * An output layer with tokens to predict, whose probabilities fall off as those of a language model do: words are as frequent as in
 * natural text (Zipf), and each state favours its target and, by chance, some hundred others.
 *
 * @param hidden [n, width]
 * @param weight [vocabulary, width]
 * @param targets [n]
 */
record HeadProblem(Tensor hidden, Tensor weight, Tensor targets) implements AutoCloseable {
    private static final double TOWARDS_TARGET = 7; // nats
    private static final double CHANCE = 2.7; // deviation of all logits beside, nats
    private static final double ZIPF_SHIFT = 2.7;

    /** Sizes of a problem. */
    record Sizes(int tokens, int vocabulary, int width) {}

    /** Draws a problem. */
    static HeadProblem draw(Sizes sizes, long seed) {
        Random random = new Random(seed);
        int content = sizes.width - 1; // the last coordinate carries the frequency
        double[] cumulative = cumulative(sizes.vocabulary);
        float[] weight = new float[sizes.vocabulary * sizes.width];
        for (int v = 0; v < sizes.vocabulary; v++) {
            for (int j = 0; j < content; j++) {
                weight[v * sizes.width + j] = (float) (random.nextGaussian() / Math.sqrt(content));
            }
            weight[v * sizes.width + content] = (float) -Math.log(v + ZIPF_SHIFT);
        }
        float[] hidden = new float[sizes.tokens * sizes.width];
        long[] targets = new long[sizes.tokens];
        for (int t = 0; t < sizes.tokens; t++) {
            int target = target(cumulative, random.nextDouble());
            targets[t] = target;
            for (int j = 0; j < content; j++) {
                hidden[t * sizes.width + j] = (float) (TOWARDS_TARGET * weight[target * sizes.width + j]
                        + CHANCE * random.nextGaussian());
            }
            hidden[t * sizes.width + content] = 1;
        }
        return new HeadProblem(
                Tensors.of(hidden, sizes.tokens, sizes.width),
                Tensors.of(weight, sizes.vocabulary, sizes.width),
                Tensors.of(targets, sizes.tokens));
    }

    private static double[] cumulative(int vocabulary) {
        double[] sums = new double[vocabulary];
        double sum = 0;
        for (int v = 0; v < vocabulary; v++) {
            sum += 1 / (v + ZIPF_SHIFT);
            sums[v] = sum;
        }
        return sums;
    }

    private static int target(double[] cumulative, double uniform) {
        int found = Arrays.binarySearch(cumulative, uniform * cumulative[cumulative.length - 1]);
        return Math.min(cumulative.length - 1, found < 0 ? -found - 1 : found);
    }

    /** Returns the first tokens of this problem; it shares the memory, and whoever opened the scope frees it. */
    HeadProblem first(long tokens) {
        return new HeadProblem(hidden.narrow(0, 0, tokens), weight, targets.narrow(0, 0, tokens));
    }

    @Override
    public void close() {
        hidden.close();
        weight.close();
        targets.close();
    }
}
