package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;

/**
 * Draws Markov chains: texts of whole numbers in which the last {@code order} tokens decide how likely each next one is.
 *
 * <p>The probabilities after each context are those of a softmax over normal numbers times the sharpness: evenly likely at 0, one token
 * almost certain at 10 and above.
 *
 * <p><b>Why this is a fair stand-in:</b> next-token prediction is what a language model learns, and here the least loss that any model can
 * have, the entropy rate, is known exactly; a model that reaches it has learned all there is.
 *
 * <p><b>What it cannot show:</b> anything about meaning, long range or rare words. A chain has no structure beyond its order, and a table of
 * counts learns it as well as a network.
 *
 * @param vocabulary number of tokens, at least 2
 * @param order tokens that decide the next, at least 1; there are vocabulary^order contexts, at most a million
 * @param sharpness at least 0, unitless
 */
public record MarkovChains(int vocabulary, int order, double sharpness) {
    private static final int MOST_CONTEXTS = 1_000_000;

    /** Checks the values. */
    public MarkovChains {
        Draw.atLeast("vocabulary", vocabulary, 2);
        Draw.atLeast("order", order, 1);
        Draw.within("sharpness", sharpness, 0, 1000);
        if (Math.pow(vocabulary, order) > MOST_CONTEXTS) {
            throw new InputException("contexts, vocabulary^order, must be at most " + MOST_CONTEXTS + "; got "
                    + vocabulary + "^" + order);
        }
    }

    /** Draws the chain of a seed. */
    public MarkovChain draw(long seed) {
        Draw draw = new Draw(seed, "markov.logits");
        double[][] next = new double[(int) Math.pow(vocabulary, order)][vocabulary];
        for (int context = 0; context < next.length; context++) {
            double sum = 0;
            for (int token = 0; token < vocabulary; token++) {
                next[context][token] = StrictMath.exp(sharpness * draw.normal(context, token));
                sum += next[context][token];
            }
            for (int token = 0; token < vocabulary; token++) {
                next[context][token] /= sum;
            }
        }
        return new MarkovChain(vocabulary, order, next, seed);
    }
}
