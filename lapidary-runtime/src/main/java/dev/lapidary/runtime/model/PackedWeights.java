package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.packed.PackedFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The weights of a packed file. */
record PackedWeights(PackedFile file) implements DecoderWeights {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public WeightMatrix matrix(String name) {
        return file.matrix(name);
    }

    @Override
    public float[] vector(String name) {
        MemorySegment values = file.vector(name);
        return values.toArray(FLOAT);
    }

    @Override
    public void verify(String name) {
        file.verify(name);
    }

    @Override
    public void requireWhole() {
        file.requireWhole();
    }

    @Override
    public void close() {
        file.close();
    }
}
