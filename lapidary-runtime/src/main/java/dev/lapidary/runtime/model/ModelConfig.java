package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.List;
import java.util.OptionalInt;

/**
 * The shape of a decoder language model, as {@code config.json} of a Hugging Face folder describes it.
 *
 * @param family the architecture
 * @param vocabulary number of token ids
 * @param width size of a position's hidden state
 * @param layers number of blocks
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads; divides heads, each serves heads / keyValueHeads query heads
 * @param headWidth size of one head; even where positions are rotary
 * @param mlpWidth size between the linears of an MLP
 * @param context most positions, tokens. Where attention is over a window of the last tokens, at most that window, within which
 *     it is the same as full attention
 * @param trainedContext positions that the model was made for, tokens; more than context where attention is over such a window
 * @param normEpsilon added under the root of a norm
 * @param activation of the MLP
 * @param rotaryBase wave lengths grow from 2π to nearly 2π·rotaryBase; unused by GPT-2
 * @param rotaryScaling change of the rotary frequencies
 * @param attentionBias whether query, key and value have biases
 * @param outputBias whether the output of attention has a bias
 * @param mlpBias whether the MLP's linears have biases
 * @param tiedEmbeddings whether the output layer is the embedding
 * @param beginToken the id that starts a text, where there is one
 * @param endTokens the ids that end a text
 */
public record ModelConfig(
        ModelFamily family,
        int vocabulary,
        int width,
        int layers,
        int heads,
        int keyValueHeads,
        int headWidth,
        int mlpWidth,
        int context,
        int trainedContext,
        double normEpsilon,
        Activation activation,
        double rotaryBase,
        RotaryScaling rotaryScaling,
        boolean attentionBias,
        boolean outputBias,
        boolean mlpBias,
        boolean tiedEmbeddings,
        OptionalInt beginToken,
        List<Integer> endTokens) {
    private static final int LARGEST = 1 << 24; // of any one size
    private static final int MOST_LAYERS = 1 << 14;
    private static final int MLP_STEP = 32;

    /** Checks that the sizes fit together. */
    public ModelConfig {
        endTokens = List.copyOf(endTokens);
        size("vocabulary", vocabulary);
        size("width", width);
        size("layers", layers, MOST_LAYERS);
        size("heads", heads);
        size("key-value heads", keyValueHeads);
        size("head width", headWidth);
        size("MLP width", mlpWidth);
        size("context", context);
        if (trainedContext < context) {
            throw new InputException("a model's context must be at most the one that it was made for, " + trainedContext
                    + "; got " + context);
        }
        if (rotaryScaling instanceof RotaryScaling.Divided(List<Double> divisors) && divisors.size() != headWidth / 2) {
            throw new InputException("there must be a divisor for each of " + headWidth / 2
                    + " rotary frequencies; got " + divisors.size());
        }
        if (heads % keyValueHeads != 0) {
            throw new InputException(
                    "heads must be a multiple of key-value heads; got " + heads + " and " + keyValueHeads);
        }
        if (family.llamaLike() && headWidth % 2 != 0) {
            throw new InputException("head width must be even for rotary positions; got " + headWidth);
        }
        if (!family.llamaLike() && heads * (long) headWidth != width) {
            throw new InputException(
                    "width must be heads times head width; got " + width + ", " + heads + " heads of " + headWidth);
        }
        if ((long) heads * headWidth > LARGEST) {
            throw new InputException(
                    "heads times head width must be at most " + LARGEST + "; got " + heads + " of " + headWidth);
        }
        if (!(normEpsilon > 0)
                || Double.isInfinite((float) normEpsilon)
                || !(rotaryBase > 0)
                || Double.isInfinite(rotaryBase)) {
            throw new InputException(
                    "norm epsilon and rotary base must be positive; got " + normEpsilon + " and " + rotaryBase);
        }
    }

    private static void size(String what, int value) {
        size(what, value, LARGEST);
    }

    private static void size(String what, int value, int largest) {
        if (value < 1 || value > largest) {
            throw new InputException(what + " must be from 1 to " + largest + "; got " + value);
        }
    }

    /**
     * Describes a small Llama model with tied embeddings and as many key-value heads as heads. The MLP's width is 8/3 of width,
     * rounded up to a multiple of 32.
     */
    public static ModelConfig llama(int vocabulary, int width, int layers, int heads, int context) {
        if (heads < 1 || width % heads != 0) {
            throw new InputException("width must be a multiple of heads; got " + width + " and " + heads);
        }
        size("width", width);
        int mlpWidth = (int) ((8L * width + 3 * MLP_STEP - 1) / (3 * MLP_STEP)) * MLP_STEP;
        return new ModelConfig(
                ModelFamily.LLAMA,
                vocabulary,
                width,
                layers,
                heads,
                heads,
                width / heads,
                mlpWidth,
                context,
                context,
                1e-5,
                Activation.SILU,
                10_000,
                new RotaryScaling.None(),
                false,
                false,
                false,
                true,
                OptionalInt.empty(),
                List.of());
    }

    /** Returns the same model with other begin and end tokens. */
    public ModelConfig withTokens(OptionalInt begin, List<Integer> end) {
        return new ModelConfig(
                family,
                vocabulary,
                width,
                layers,
                heads,
                keyValueHeads,
                headWidth,
                mlpWidth,
                context,
                trainedContext,
                normEpsilon,
                activation,
                rotaryBase,
                rotaryScaling,
                attentionBias,
                outputBias,
                mlpBias,
                tiedEmbeddings,
                begin,
                end);
    }
}
