package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.packed.PackedFile;
import java.nio.file.Path;

/** The weights of a base file but for those that a mask file holds; closing closes the mask file alone. */
record MaskedWeights(DecoderWeights base, PackedWeights mask) implements DecoderWeights {
    /** Puts a mask file over a base file, both open; refuses one that was made for another base. */
    static MaskedWeights of(PackedWeights base, Path path, PackedFile mask) {
        String wanted = mask.base()
                .orElseThrow(
                        () -> new InputException(path + ": a mask file must name its base; got one that names none"));
        if (!wanted.equals(base.file().digest())) {
            throw new InputException(path + ": the base must have digest " + wanted + "; got one with "
                    + base.file().digest());
        }
        return new MaskedWeights(base, new PackedWeights(mask));
    }

    @Override
    public WeightMatrix matrix(String name) {
        return mask.file().has(name) ? mask.matrix(name) : base.matrix(name);
    }

    @Override
    public float[] vector(String name) {
        return mask.file().has(name) ? mask.vector(name) : base.vector(name);
    }

    @Override
    public void verify(String name) {
        (mask.file().has(name) ? mask : base).verify(name);
    }

    @Override
    public void requireWhole() {
        base.requireWhole();
        mask.requireWhole();
    }

    @Override
    public void close() {
        mask.close();
    }
}
