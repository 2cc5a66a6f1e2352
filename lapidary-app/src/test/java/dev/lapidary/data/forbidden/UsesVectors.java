package dev.lapidary.data.forbidden;

import jdk.incubator.vector.FloatVector;

/** Uses the Vector API outside the kernel package, so that a test can see the rule fail. */
public final class UsesVectors {
    private UsesVectors() {}

    public static int forbidden() {
        return FloatVector.SPECIES_PREFERRED.length();
    }
}
