package dev.lapidary.contrast;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How low-rank adapters of an image network are trained.
 *
 * @param where what gets adapters
 * @param rank r of the product of two matrices that is added to each weight; less where a weight has less
 * @param alpha the product is scaled by alpha / rank
 * @param training how long and on what; the losses over a batch couple the images of a piece
 */
public record AdapterSettings(Where where, int rank, double alpha, ImageTraining training) {
    /** What gets adapters. */
    public enum Where {
        /** Every convolution and the projection. */
        ALL,
        /** The projection alone: the published "last". */
        PROJECTION;

        /** Reads all or projection. */
        public static Where parse(String text) {
            return AdapterSettings.parse("adapters", Where.values(), text);
        }
    }

    private static <E extends Enum<E>> E parse(String what, E[] values, String text) {
        return Arrays.stream(values)
                .filter(value -> id(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new InputException(what + " must be one of "
                        + Arrays.stream(values).map(AdapterSettings::id).collect(Collectors.joining(", ")) + "; got "
                        + text));
    }

    private static String id(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Checks the values. */
    public AdapterSettings {
        if (rank < 1 || rank > 1024) {
            throw new InputException("rank must be from 1 to 1024; got " + rank);
        }
        if (!(alpha > 0 && alpha <= 1024)) {
            throw new InputException("alpha must be above 0 and at most 1024; got " + alpha);
        }
    }

    /** Returns the published rank and alpha of 8 on all weights, three epochs. */
    public static AdapterSettings standard() {
        return new AdapterSettings(Where.ALL, 8, 8, ImageTraining.standard(3, 1e-3, 0));
    }

    /** Returns these settings with other adapters. */
    public AdapterSettings adapting(Where newWhere, int newRank, double newAlpha) {
        return new AdapterSettings(newWhere, newRank, newAlpha, training);
    }

    /** Returns these settings with a change of the training. */
    public AdapterSettings training(UnaryOperator<ImageTraining> change) {
        return new AdapterSettings(where, rank, alpha, change.apply(training));
    }
}
