package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How a concept classifier is trained; every default stands here once.
 *
 * @param method how to decide from concept scores
 * @param faithful the published losses and schedules instead of the sound form; never the published leakage or frozen head
 * @param nec the most effective concepts per class, or empty to choose on validation items
 * @param seeds number of seeds; each draws its own split, initialisation and random controls
 * @param firstSeed the first of consecutive seeds
 * @param balance whether classes count alike whatever their size
 * @param noSeenItems whether the classifier forgets its training items: their embeddings are then not stored, from which a text can be
 *     guessed in part, and whether an item is far from them is not known
 */
public record ConceptConfig(
        Method method,

        @Setting(help = "The published losses and schedules instead of the sound form (see the documentation).")
        boolean faithful,

        @Setting(
                label = "N",
                shown = "chosen on validation items",
                help = "At most this number of effective concepts per class.")
        OptionalDouble nec,

        @Setting(help = "How many seeds; each draws its own split.")
        int seeds,

        @Setting(option = "seed", help = "The first of consecutive seeds.")
        long firstSeed,

        @Setting(
                label = "auto|on|off",
                help = "Whether every class counts alike; auto where sizes differ by more than three times.")
        Balance balance,

        @Setting(
                help =
                        "Store no embeddings of training items, from which a text can be guessed in part; whether an item is far "
                                + "from them is then not known.")
        @SameResult("it says what is stored beside the classifier, not what is learned")
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) // absent in folders of earlier versions
        boolean noSeenItems)
        implements Settings {
    /** How unequal class sizes are treated. */
    public enum Balance {
        /** Every item counts alike. */
        OFF,
        /** Every class counts alike. */
        ON,
        /** Every class counts alike where the largest has more than {@value #AUTO_RATIO} times the items of the smallest. */
        AUTO;

        /** How many times more items the largest class must have for {@link #AUTO} to balance. */
        public static final int AUTO_RATIO = 3;
    }

    /** Checks the ranges. */
    public ConceptConfig {
        Bounds.within("seeds", seeds, 1, 1000);
        if (nec.isPresent() && !(nec.getAsDouble() >= 1)) {
            throw new InputException("nec must be at least 1; got " + nec.getAsDouble());
        }
    }

    /** The sound form of Sparse-CBM, NEC chosen on validation items, three seeds. */
    public static ConceptConfig defaults() {
        return new ConceptConfig(Method.SPARSE, false, OptionalDouble.empty(), 3, 0, Balance.AUTO, false);
    }

    /** The same with another method. */
    public ConceptConfig withMethod(Method other) {
        return Components.with(this, "method", other);
    }

    /** The same with the published losses, or not. */
    public ConceptConfig withFaithful(boolean other) {
        return Components.with(this, "faithful", other);
    }

    /** The same with a limit on effective concepts per class. */
    public ConceptConfig withNec(double other) {
        return Components.with(this, "nec", OptionalDouble.of(other));
    }

    /** The same with other seeds. */
    public ConceptConfig withSeeds(int count, long first) {
        return Components.with(this, Map.of("seeds", count, "firstSeed", first));
    }

    /** The same with another treatment of unequal classes. */
    public ConceptConfig withBalance(Balance other) {
        return Components.with(this, "balance", other);
    }

    /** The same for a classifier that remembers its training items, or not. */
    public ConceptConfig withNoSeenItems(boolean other) {
        return Components.with(this, "noSeenItems", other);
    }
}
