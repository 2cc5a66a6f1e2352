package dev.lapidary.train;

import dev.lapidary.runtime.file.TensorView;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/** The SHA-256 over everything that a checkpoint holds, whatever order the file keeps it in. */
final class ContentDigest {
    private static final int PIECE = 1 << 16;

    private ContentDigest() {}

    /** Returns the digest of texts and tensors in hexadecimal. */
    static String of(SortedMap<String, String> texts, List<TensorView> tensors) {
        MessageDigest digest = sha256();
        texts.forEach((key, value) -> {
            add(digest, key);
            add(digest, value);
        });
        tensors.stream().sorted(Comparator.comparing(TensorView::name)).forEach(tensor -> {
            add(digest, tensor.name());
            add(digest, tensor.dtype() + " " + tensor.shape());
            add(digest, tensor.data());
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        digest.update(bytes);
    }

    private static void add(MessageDigest digest, MemorySegment data) {
        byte[] piece = new byte[(int) Math.min(PIECE, data.byteSize())];
        for (long at = 0; at < data.byteSize(); at += PIECE) {
            int length = (int) Math.min(PIECE, data.byteSize() - at);
            MemorySegment.copy(data, at, MemorySegment.ofArray(piece), 0, length);
            digest.update(piece, 0, length);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
