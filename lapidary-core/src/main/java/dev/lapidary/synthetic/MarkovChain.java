package dev.lapidary.synthetic;

import java.util.Arrays;

/** A Markov chain whose probabilities are known. */
public final class MarkovChain {
    private static final int MOST_ROUNDS = 100_000;
    private static final double SETTLED = 1e-13;

    private final int vocabulary;
    private final int order;
    private final double[][] next; // [contexts, vocabulary]
    private final long seed;

    MarkovChain(int vocabulary, int order, double[][] next, long seed) {
        this.vocabulary = vocabulary;
        this.order = order;
        this.next = next;
        this.seed = seed;
    }

    /**
     * Draws a text.
     *
     * @param part texts of different parts are independent: 0 for training and 1 for testing, say
     */
    public int[] text(int length, int part) {
        Draw draw = new Draw(seed, "markov.text." + part);
        int[] text = new int[length];
        for (int i = 0; i < length; i++) {
            text[i] = i < order ? draw.below(vocabulary, i, 0) : drawn(next[context(text, i)], draw.fine(i, 0));
        }
        return text;
    }

    private static int drawn(double[] probabilities, double uniform) {
        double sum = 0;
        for (int token = 0; token < probabilities.length - 1; token++) {
            sum += probabilities[token];
            if (uniform < sum) {
                return token;
            }
        }
        return probabilities.length - 1;
    }

    /** The number of the context before a place. */
    private int context(int[] text, int at) {
        int context = 0;
        for (int i = at - order; i < at; i++) {
            context = context * vocabulary + text[i];
        }
        return context;
    }

    /** Returns the probabilities [vocabulary] of what follows the tokens before a place, at least {@code order} of them. */
    public double[] next(int[] text, int at) {
        if (at < order || at > text.length) {
            throw new IllegalArgumentException(
                    "a place must have " + order + " tokens before it and lie in the text; got " + at);
        }
        return next[context(text, at)].clone();
    }

    /** Returns the mean loss of the true probabilities on a text from token {@code order} on, nats per token. */
    public double loss(int[] text) {
        double loss = 0;
        for (int at = order; at < text.length; at++) {
            loss -= StrictMath.log(next[context(text, at)][text[at]]);
        }
        return loss / (text.length - order);
    }

    /** Returns the entropy rate, the least loss that any model can have on long texts, nats per token. */
    public double entropyRate() {
        double[] share = stationary();
        double rate = 0;
        for (int context = 0; context < share.length; context++) {
            for (double p : next[context]) {
                rate -= p > 0 ? share[context] * p * StrictMath.log(p) : 0;
            }
        }
        return rate;
    }

    /** Returns how often each context comes up in a long text, [contexts]; the last token of a context counts least in its number. */
    public double[] stationary() {
        double[] share = new double[next.length];
        Arrays.fill(share, 1.0 / next.length);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            double[] moved = new double[share.length];
            for (int context = 0; context < share.length; context++) {
                int kept = context % (share.length / vocabulary) * vocabulary;
                for (int token = 0; token < vocabulary; token++) {
                    moved[kept + token] += share[context] * next[context][token];
                }
            }
            double change = 0;
            for (int context = 0; context < share.length; context++) {
                double mean = (moved[context] + share[context]) / 2; // settles chains that would alternate for ever
                change += Math.abs(mean - share[context]);
                share[context] = mean;
            }
            if (change < SETTLED) {
                return share;
            }
        }
        throw new IllegalStateException("a chain must settle within " + MOST_ROUNDS + " rounds; got one that does not");
    }
}
