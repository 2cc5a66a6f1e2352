package dev.lapidary.concept.classifier;

import dev.lapidary.runtime.InputException;
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
 */
public record ConceptConfig(
        Method method, boolean faithful, OptionalDouble nec, int seeds, long firstSeed, Balance balance) {
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
        if (seeds < 1 || seeds > 1000) {
            throw new InputException("seeds must be from 1 to 1000; got " + seeds);
        }
        if (nec.isPresent() && !(nec.getAsDouble() >= 1)) {
            throw new InputException("nec must be at least 1; got " + nec.getAsDouble());
        }
    }

    /** The sound form of Sparse-CBM, NEC chosen on validation items, three seeds. */
    public static ConceptConfig standard() {
        return new ConceptConfig(Method.SPARSE, false, OptionalDouble.empty(), 3, 0, Balance.AUTO);
    }

    /** The same with another method. */
    public ConceptConfig withMethod(Method other) {
        return new ConceptConfig(other, faithful, nec, seeds, firstSeed, balance);
    }

    /** The same with the published losses, or not. */
    public ConceptConfig withFaithful(boolean other) {
        return new ConceptConfig(method, other, nec, seeds, firstSeed, balance);
    }

    /** The same with a limit on effective concepts per class. */
    public ConceptConfig withNec(double other) {
        return new ConceptConfig(method, faithful, OptionalDouble.of(other), seeds, firstSeed, balance);
    }

    /** The same with other seeds. */
    public ConceptConfig withSeeds(int count, long first) {
        return new ConceptConfig(method, faithful, nec, count, first, balance);
    }

    /** The same with another treatment of unequal classes. */
    public ConceptConfig withBalance(Balance other) {
        return new ConceptConfig(method, faithful, nec, seeds, firstSeed, other);
    }
}
