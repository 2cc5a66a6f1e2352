package dev.lapidary.runtime.model;

import dev.lapidary.runtime.file.PackedFile;
import dev.lapidary.runtime.file.PackedTensor;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;

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

    /** Returns the SHA-256 over the config and the names, shapes, types and checksums of all tensors. */
    String digest() {
        MessageDigest digest = Sha256.digest();
        Sha256.field(digest, file.config());
        for (PackedTensor tensor : file.tensors()) {
            Sha256.field(
                    digest,
                    "%s %s %s %d %d %08x"
                            .formatted(
                                    tensor.name(),
                                    tensor.kind(),
                                    tensor.type(),
                                    tensor.rows(),
                                    tensor.columns(),
                                    tensor.data().checksum()));
        }
        return Sha256.hex(digest);
    }

    @Override
    public void close() {
        file.close();
    }
}
