package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingCacheTest {
    @TempDir
    Path folder;

    /** Embeds a text as its length and its hash, and remembers what it was asked. */
    private static final class Counting implements TextEncoder {
        final List<String> asked = new ArrayList<>();
        private final String digest;
        private boolean closed;

        Counting(String digest) {
            this.digest = digest;
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public String digest() {
            return digest;
        }

        @Override
        public int width() {
            return 3;
        }

        @Override
        public int maxTokens() {
            return 4;
        }

        @Override
        public EncodedTexts encode(List<String> texts, Progress progress) {
            asked.addAll(texts);
            EmbeddingMatrix matrix = EmbeddingMatrix.allocate(texts.size(), 3);
            int[] tokens = new int[texts.size()];
            BitSet truncated = new BitSet();
            for (int i = 0; i < texts.size(); i++) {
                matrix.set(i, expected(texts.get(i)));
                tokens[i] = Math.min(4, texts.get(i).length());
                truncated.set(i, texts.get(i).length() > 4);
            }
            return new EncodedTexts(matrix, new EncodedTexts.PerText(tokens, truncated));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static float[] expected(String text) {
        return new float[] {text.length(), text.hashCode(), -0f};
    }

    private static void check(EmbeddingCache cache, List<String> texts) {
        try (EncodedTexts encoded = cache.encode(texts, Progress.silent())) {
            assertThat(encoded.embeddings().rows()).isEqualTo(texts.size());
            for (int i = 0; i < texts.size(); i++) {
                assertThat(encoded.embeddings().row(i)).isEqualTo(expected(texts.get(i)));
            }
            assertThat(encoded.truncated()).isEqualTo((int)
                    texts.stream().filter(text -> text.length() > 4).count());
            assertThat(encoded.tokens())
                    .isEqualTo(texts.stream()
                            .mapToInt(text -> Math.min(4, text.length()))
                            .sum());
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void computesEachTextOnceAndAnswersTheNextProcessFromDisk() throws IOException {
        List<String> texts = List.of("one", "two", "one", "", "longer than four", "two");
        Counting first = new Counting("e1");
        try (EmbeddingCache cache = new EmbeddingCache(first, folder)) {
            check(cache, texts);
            check(cache, texts);
            assertThat(cache.misses()).isEqualTo(4);
            assertThat(cache.hits()).isEqualTo(2 + 6);
        }
        assertThat(first.asked).containsExactly("one", "two", "", "longer than four");
        assertThat(first.closed).isTrue();
        Counting second = new Counting("e1");
        try (EmbeddingCache cache = new EmbeddingCache(second, folder)) {
            check(cache, List.of("two", "three", "longer than four"));
            assertThat(second.asked).containsExactly("three");
        }
        assertThat(files()).hasSize(2);
    }

    @Test
    void keepsEncodersApart() {
        for (String digest : List.of("e1", "e2")) {
            Counting encoder = new Counting(digest);
            try (EmbeddingCache cache = new EmbeddingCache(encoder, folder)) {
                check(cache, List.of("one"));
                assertThat(encoder.asked).hasSize(1);
            }
        }
    }

    @Test
    void twoProcessesAddToOneFolder() {
        Counting a = new Counting("e");
        Counting b = new Counting("e");
        try (EmbeddingCache left = new EmbeddingCache(a, folder);
                EmbeddingCache right = new EmbeddingCache(b, folder)) {
            check(left, List.of("one", "two"));
            check(right, List.of("two", "three"));
        }
        Counting c = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(c, folder)) {
            check(cache, List.of("one", "two", "three"));
            assertThat(c.asked).isEmpty();
        }
    }

    @Test
    void dropsADamagedRowAndComputesItAgain() throws IOException {
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), folder)) {
            check(cache, List.of("one"));
        }
        Path file = files().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        // 12 bytes of the row lie between keys and checks (8 bytes an element) and tokens; flip one bit of the first
        // number
        int at = bytes.length - 16 + 3;
        boolean row = false;
        for (int offset : new int[] {bytes.length - 16, bytes.length - 12}) {
            float value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(offset);
            if (value == 3f) {
                at = offset;
                row = true;
            }
        }
        assertThat(row).isTrue();
        bytes[at] ^= 1;
        Files.write(file, bytes);
        Counting encoder = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(encoder, folder)) {
            check(cache, List.of("one"));
            assertThat(encoder.asked).containsExactly("one");
        }
        assertThat(files()).hasSize(1).doesNotContain(file);
    }

    @Test
    void dropsAFileThatIsNoCache() throws IOException {
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), folder)) {
            check(cache, List.of("one"));
        }
        Path own = files().getFirst().resolveSibling("");
        Files.delete(files().getFirst());
        Files.writeString(own.resolve("a.safetensors"), "not a tensor file at all");
        Files.createFile(own.resolve("b.safetensors"));
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), folder)) {
            check(cache, List.of("one", "two"));
        }
        Path whole = files().getFirst();
        assertThat(files()).hasSize(1);
        try (var channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 5);
        }
        Counting encoder = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(encoder, folder)) {
            check(cache, List.of("one", "two"));
            assertThat(encoder.asked).hasSize(2);
        }
    }

    @Test
    void mergesManySmallFiles() throws IOException {
        List<String> texts = IntStream.range(0, 32).mapToObj(i -> "text " + i).toList();
        for (String text : texts.subList(0, 31)) {
            try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), folder)) {
                check(cache, List.of(text));
            }
        }
        assertThat(files()).hasSize(31);
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), folder)) {
            check(cache, List.of(texts.getLast()));
        }
        assertThat(files()).hasSize(1);
        Counting encoder = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(encoder, folder)) {
            check(cache, texts);
        }
        assertThat(encoder.asked).isEmpty();
    }

    @Test
    void aServiceThatEncodesTextByTextWritesThemTogether() throws IOException {
        int texts = 1100;
        Counting first = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(first, folder)) {
            for (int i = 0; i < texts; i++) {
                check(cache, List.of("text " + i));
            }
            check(cache, List.of("text 0", "text 1099")); // written, and waiting
            assertThat(first.asked).hasSize(texts);
            assertThat(files()).hasSizeBetween(1, 9); // more where half minutes have passed
        }
        Counting second = new Counting("e");
        try (EmbeddingCache cache = new EmbeddingCache(second, folder)) {
            check(cache, IntStream.range(0, texts).mapToObj(i -> "text " + i).toList());
        }
        assertThat(second.asked).isEmpty();
        assertThat(files()).hasSizeBetween(2, 10);
    }

    @Test
    void whatWasUsedLongestAgoGoesWhereTheLimitIsReached() throws IOException {
        for (String digest : List.of("a", "b", "c")) {
            try (EmbeddingCache cache = new EmbeddingCache(new Counting(digest), folder)) {
                check(cache, List.of("one", "two"));
            }
            for (Path file : files()) { // each older than the next ones
                Files.setLastModifiedTime(
                        file,
                        FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() - 10_000_000));
            }
        }
        long size = Files.size(files().getFirst());
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("a"), folder)) {
            check(cache, List.of("one")); // makes the oldest the newest
        }
        try (EmbeddingCache cache =
                new EmbeddingCache(new Counting("d"), new StoreLimit(folder, 3 * size + size / 2))) {
            check(cache, List.of("one", "two"));
        }
        assertThat(files()).hasSize(3);
        for (String digest : List.of("a", "c", "d", "b")) {
            Counting encoder = new Counting(digest);
            try (EmbeddingCache cache = new EmbeddingCache(encoder, folder)) {
                check(cache, List.of("one", "two"));
            }
            assertThat(encoder.asked).hasSize(digest.equals("b") ? 2 : 0);
        }
        for (Path file : files()) {
            Files.delete(file);
        }
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), new StoreLimit(folder, 0))) {
            check(cache, List.of("one"));
            check(cache, List.of("one"));
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void rowsOfAnotherVersionAreNotUsed() {
        StoreLimit limit = new StoreLimit(folder, 1 << 20);
        try (EmbeddingMatrix row = EmbeddingMatrix.of(new float[][] {{1, 2, 3}})) {
            try (EmbeddingStore store = EmbeddingStore.of(limit, "images 1", "e", 3)) {
                store.append(List.of(new CachedRows.Entry(1, 2, 0)), row);
                assertThat(store.read(1, 2, row, 0)).isNotNull();
            }
            try (EmbeddingStore store = EmbeddingStore.of(limit, "images 2", "e", 3)) {
                assertThat(store.read(1, 2, row, 0)).isNull();
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenCostsOnlyTheCache() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (EmbeddingCache cache = new EmbeddingCache(new Counting("e"), file)) {
            check(cache, List.of("one"));
            check(cache, List.of("two"));
        }
    }

    @Test
    void passesFailuresOn() {
        TextEncoder failing = new FailingEncoder();
        try (EmbeddingCache cache = new EmbeddingCache(failing, folder)) {
            assertThatThrownBy(() -> cache.encode(List.of("one"), Progress.silent()))
                    .hasMessage("no model");
        }
    }

    private static final class FailingEncoder implements TextEncoder {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public String digest() {
            return "f";
        }

        @Override
        public int width() {
            return 3;
        }

        @Override
        public int maxTokens() {
            return 4;
        }

        @Override
        public EncodedTexts encode(List<String> texts, Progress progress) {
            throw new IllegalStateException("no model");
        }

        @Override
        public void close() {}
    }
}
