package dev.lapidary.train;

import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.tensor.TensorView;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;

/** The SHA-256 over everything that a checkpoint holds, whatever order the file keeps it in. */
final class ContentDigest {
    private ContentDigest() {}

    /** Returns the digest of texts and tensors in hexadecimal. */
    static String of(SortedMap<String, String> texts, List<TensorView> tensors) {
        MessageDigest digest = Sha256.digest();
        texts.forEach((key, value) -> {
            Sha256.field(digest, key);
            Sha256.field(digest, value);
        });
        tensors.stream().sorted(Comparator.comparing(TensorView::name)).forEach(tensor -> {
            Sha256.field(digest, tensor.name());
            Sha256.field(digest, tensor.dtype() + " " + tensor.shape());
            Sha256.add(digest, tensor.data());
        });
        return Sha256.hex(digest);
    }
}
