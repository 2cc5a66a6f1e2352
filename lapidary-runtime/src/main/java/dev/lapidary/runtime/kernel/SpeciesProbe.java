package dev.lapidary.runtime.kernel;

import jdk.incubator.vector.FloatVector;

/** Asks the Vector API for this CPU's width; loaded only where its module is resolved. */
final class SpeciesProbe {
    private SpeciesProbe() {}

    static int preferredBits() {
        return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }
}
