package dev.lapidary.data;

import dev.lapidary.runtime.file.Sha256;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Hashes what items hold: for finding duplicates, and for recording what a model was trained on. */
final class ContentHashes {
    private ContentHashes() {}

    /** One hash per item, from texts or, where those are null, from embeddings. */
    static long[] of(@Nullable List<String> texts, @Nullable EmbeddingMatrix embeddings) {
        MessageDigest sha = Sha256.digest();
        if (texts != null) {
            long[] hashes = new long[texts.size()];
            for (int i = 0; i < hashes.length; i++) {
                hashes[i] = head(sha.digest(normalise(texts.get(i)).getBytes(StandardCharsets.UTF_8)));
            }
            return hashes;
        }
        long[] hashes = new long[embeddings == null ? 0 : embeddings.rows()];
        byte[] bytes = new byte[embeddings == null ? 0 : embeddings.width() * Float.BYTES];
        for (int i = 0; embeddings != null && i < hashes.length; i++) {
            MemorySegment.copy(embeddings.rowSegment(i), ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
            hashes[i] = head(sha.digest(bytes));
        }
        return hashes;
    }

    /** The text without differences of case and white space. */
    static String normalise(String text) {
        String folded = text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        StringBuilder out = new StringBuilder(folded.length());
        for (int i = 0; i < folded.length(); i++) {
            char c = folded.charAt(i);
            if (!Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
                out.append(c);
            } else if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
                out.append(' ');
            }
        }
        return out.toString().stripTrailing();
    }

    static String digest(Dataset data) {
        MessageDigest sha = Sha256.digest();
        data.classes().forEach(name -> Sha256.field(sha, name));
        for (int i = 0; i < data.size(); i++) {
            Sha256.field(sha, data.id(i));
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, data.label(i)));
            if (data.hasTexts()) {
                Sha256.field(sha, data.text(i));
            }
        }
        data.embeddings().ifPresent(matrix -> {
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, matrix.width()));
            byte[] bytes = new byte[matrix.width() * Float.BYTES];
            for (int i = 0; i < matrix.rows(); i++) {
                MemorySegment.copy(matrix.rowSegment(i), ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
                sha.update(bytes);
            }
        });
        return Sha256.hex(sha);
    }

    private static long head(byte[] digest) {
        return ByteBuffer.wrap(digest).getLong();
    }
}
