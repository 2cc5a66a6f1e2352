package dev.lapidary.runtime.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.packed.PackedFile.Verify;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackedFileTest {
    private static final PackedTokenizer TOKENIZER = new PackedTokenizer(
            "{\"model\":{}}".getBytes(StandardCharsets.UTF_8), OptionalInt.of(1), OptionalInt.empty(), Set.of(2), true);

    @TempDir
    Path folder;

    private final Arena arena = Arena.ofAuto();

    private MemorySegment floats(long n, long seed) {
        MemorySegment floats = arena.allocate(4 * n, 64);
        Random random = new Random(seed);
        for (long i = 0; i < n; i++) {
            floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return floats;
    }

    private static byte[] codes(int n) {
        byte[] codes = new byte[n];
        for (int i = 0; i < n; i++) {
            codes[i] = (byte) (i * 7 % 6);
        }
        return codes;
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertSame(WeightMatrix found, WeightMatrix written) {
        assertThat(found.type()).isEqualTo(written.type());
        assertThat(found.rows()).isEqualTo(written.rows());
        assertThat(found.columns()).isEqualTo(written.columns());
        switch (written) {
            case DenseMatrix dense -> {
                DenseMatrix other = (DenseMatrix) found;
                assertThat(other.scaling()).isEqualTo(dense.scaling());
                assertThat(bytes(other.data())).isEqualTo(bytes(dense.data()));
                assertThat(bytes(other.scales())).isEqualTo(bytes(dense.scales()));
            }
            case SparseMatrix sparse -> {
                SparseMatrix other = (SparseMatrix) found;
                assertThat(bytes(other.data())).isEqualTo(bytes(sparse.data()));
                assertThat(bytes(other.scales())).isEqualTo(bytes(sparse.scales()));
                assertThat(other.codes()).isEqualTo(sparse.codes());
            }
        }
    }

    private List<WeightMatrix> matrices(int rows, int groups) {
        int columns = 4 * groups;
        MemorySegment weights = floats((long) rows * columns, rows);
        byte[] codes = codes(rows * groups);
        return List.of(
                DenseMatrix.f32(rows, columns, weights),
                DenseMatrix.pack(WeightType.BF16, weights, rows, columns, arena),
                DenseMatrix.pack(WeightType.INT8, weights, rows, columns, arena),
                DenseMatrix.packBlocks(weights, rows, columns, arena),
                SparseMatrix.pack(WeightType.F32, weights, codes, rows, columns, arena),
                SparseMatrix.pack(WeightType.BF16, weights, codes, rows, columns, arena),
                SparseMatrix.pack(WeightType.INT8, weights, codes, rows, columns, arena));
    }

    @Test
    void everyShapeAndKindComesBackAsItWasWritten() {
        qt().withExamples(40)
                .withFixedSeed(1)
                .forAll(integers().between(1, 140), integers().between(1, 30))
                .checkAssert((rows, groups) -> {
                    Path file = folder.resolve("model.lap");
                    List<WeightMatrix> matrices = matrices(rows, groups);
                    try {
                        PackedWriter.write(file, writer -> {
                            for (int i = 0; i < matrices.size(); i++) {
                                writer.matrix("m" + i, matrices.get(i));
                            }
                        });
                        try (PackedFile packed = PackedFile.open(file, Verify.AT_ONCE)) {
                            for (int i = 0; i < matrices.size(); i++) {
                                assertSame(packed.matrix("m" + i), matrices.get(i));
                            }
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private Path model() throws IOException {
        Path file = folder.resolve("whole.lap");
        PackedWriter.write(file, writer -> {
            writer.config("{\"layers\":1}");
            writer.vector("norm", MemorySegment.ofArray(new float[] {1, 2, 3}));
            writer.tokenizer(TOKENIZER);
            writer.matrix("q", matrices(5, 3).get(2));
            writer.matrix("s", matrices(5, 3).get(6));
        });
        return file;
    }

    @Test
    void carriesConfigTokenizerAndVectors() throws IOException {
        try (PackedFile packed = PackedFile.open(model(), Verify.LAZILY)) {
            assertThat(packed.config()).isEqualTo("{\"layers\":1}");
            assertThat(packed.base()).isEmpty();
            assertThat(packed.tokenizer()).contains(TOKENIZER);
            assertThat(packed.vector("norm").toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2, 3);
            assertThat(packed.tensors()).extracting(PackedTensor::name).containsExactly("norm", "q", "s");
            assertThat(packed.tensors())
                    .allSatisfy(
                            tensor -> assertThat(tensor.data().offset() % 4096).isZero());
            assertThat(packed.has("q")).isTrue();
            assertThat(packed.has("r")).isFalse();
            assertThatThrownBy(() -> packed.matrix("r"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("'r'");
            assertThatThrownBy(() -> packed.matrix("norm")).hasMessageContaining("got a vector");
            assertThatThrownBy(() -> packed.vector("q")).hasMessageContaining("got a matrix");
        }
    }

    @Test
    void aFileOfTwoOfFourWeightsAloneNamesItsBase() throws IOException {
        Path file = folder.resolve("masks.lap");
        PackedWriter.write(file, writer -> {
            writer.base("abc");
            writer.matrix("s", matrices(16, 8).get(4));
        });
        try (PackedFile packed = PackedFile.open(file, Verify.AT_ONCE)) {
            assertThat(packed.base()).contains("abc");
            assertThat(packed.tokenizer()).isEmpty();
            assertThat(packed.config()).isEqualTo("{}");
        }
    }

    @Test
    void writesTheSameBytesTwiceAndNothingWhereItFails() throws IOException {
        byte[] first = Files.readAllBytes(model());
        assertThat(Files.readAllBytes(model())).isEqualTo(first);
        assertThatThrownBy(() -> PackedWriter.write(folder.resolve("whole.lap"), writer -> {
                    writer.vector("a", MemorySegment.ofArray(new float[] {1}));
                    writer.vector("a", MemorySegment.ofArray(new float[] {1}));
                }))
                .hasMessageContaining("got two 'a'");
        assertThat(Files.readAllBytes(folder.resolve("whole.lap"))).isEqualTo(first);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void everyAlteredByteOfASectionIsFoundWhenItIsUsed() throws IOException {
        byte[] whole = Files.readAllBytes(model());
        try (PackedFile packed = PackedFile.open(folder.resolve("whole.lap"), Verify.LAZILY)) {
            for (PackedTensor tensor : packed.tensors()) {
                byte[] altered = whole.clone();
                altered[(int) tensor.data().offset()] ^= 1;
                Path file = Files.write(folder.resolve("altered.lap"), altered);
                String message = "tensor '" + tensor.name() + "' at offset "
                        + tensor.data().offset() + " must have CRC-32C";
                assertThatThrownBy(() -> PackedFile.open(file, Verify.AT_ONCE))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining(message);
                try (PackedFile lazy = PackedFile.open(file, Verify.LAZILY)) {
                    assertThat(lazy.config()).isEqualTo("{\"layers\":1}");
                    for (int i = 0; i < 2; i++) {
                        assertThatThrownBy(() -> use(lazy, tensor)).hasMessageContaining(message);
                    }
                }
            }
        }
    }

    private static void use(PackedFile packed, PackedTensor tensor) {
        if (tensor.kind() == PackedTensor.Kind.VECTOR) {
            packed.vector(tensor.name());
        } else {
            packed.verify(tensor.name());
        }
    }

    @Test
    void everyTruncationAndEveryAlteredByteOfPrefixAndHeaderIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(model());
        int headerAt =
                (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(PackedFormat.HEADER_OFFSET_AT);
        for (int length = 0; length < whole.length; length += length < 64 || length > headerAt ? 1 : 997) {
            assertRefused(Arrays.copyOf(whole, length));
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 1));
        for (int at = 0; at < whole.length; at = at == PackedFormat.PREFIX - 1 ? headerAt : at + 1) {
            byte[] altered = whole.clone();
            altered[at] ^= (byte) (1 << at % 8);
            assertRefused(altered);
        }
    }

    private void assertRefused(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("refused.lap"), bytes);
        assertThatThrownBy(() -> PackedFile.open(file, Verify.LAZILY).close()).isInstanceOf(InputException.class);
    }

    @Test
    void aFileThatIsShortenedWhileItIsOpenIsRefusedBeforeItsMappingIsRead() throws IOException {
        Path file = model();
        long size = Files.size(file);
        try (PackedFile packed = PackedFile.open(file, Verify.LAZILY)) {
            packed.requireWhole();
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            String message = "the file is now 4096 bytes, had " + size;
            assertThatThrownBy(packed::requireWhole)
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(file.toString())
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> packed.verify("q"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("tensor 'q' at offset")
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> packed.vector("norm")).hasMessageContaining(message);
        }
    }

    @Test
    void aTruncatedFileSaysWhereItEnds() throws IOException {
        Path file = model();
        long size = Files.size(file);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5000));
        assertThatThrownBy(() -> PackedFile.open(file, Verify.LAZILY))
                .hasMessage(file + ": must have " + size + " bytes; got one that ends at offset 5000, cut off");
    }

    @Test
    void digestsDifferWithTheScales() throws IOException {
        MemorySegment weights = arena.allocate(32);
        Set<String> digests = new HashSet<>();
        for (float scale : new float[] {1, 2}) {
            MemorySegment scales = arena.allocate(16);
            for (int i = 0; i < 4; i++) {
                scales.setAtIndex(ValueLayout.JAVA_FLOAT, i, scale);
            }
            for (DenseMatrix matrix :
                    List.of(DenseMatrix.int8(4, 8, weights, scales), DenseMatrix.int8Blocks(4, 8, weights, scales))) {
                Path file = folder.resolve("scaled.lap");
                PackedWriter.write(file, writer -> writer.matrix("m", matrix));
                try (PackedFile packed = PackedFile.open(file, Verify.AT_ONCE)) {
                    digests.add(packed.digest());
                }
            }
        }
        assertThat(digests).hasSize(4);
    }

    /** 5 rows of 3 groups: rows 5 to 15 and groups 3 to 7 of a block of 16 rows and 8 groups pad. */
    @Test
    void everyByteThatPadsMustBeZeroAndNoOther() throws IOException {
        List<WeightMatrix> sparse = matrices(5, 3).subList(4, 7);
        for (WeightMatrix matrix : sparse) {
            byte[] whole = bytes(((SparseMatrix) matrix).data());
            int padding = 0;
            for (int at = 0; at < whole.length; at++) {
                padding += paddingIsRefused(matrix, whole, at) ? 1 : 0;
            }
            int size = matrix.type().bytes();
            int codes = 16 * 4 - 5 * 2; // bytes without a real code: two hold those of three groups
            assertThat(padding).isEqualTo(codes + (16 * 16 - 5 * 6) * size);
        }
    }

    /** Whether a file with the lowest bit of this byte altered is refused. */
    private boolean paddingIsRefused(WeightMatrix matrix, byte[] whole, int at) {
        byte[] altered = whole.clone();
        altered[at] ^= 1;
        SparseMatrix written = (SparseMatrix) matrix;
        PackedTensor tensor = new PackedTensor(
                "m",
                PackedTensor.Kind.SPARSE,
                written.type(),
                DenseMatrix.Scaling.NONE,
                written.rows(),
                written.columns(),
                new PackedTensor.Section(4096, whole.length, 0),
                null);
        try {
            PackedFile.requirePadding("file", tensor, with(altered, written));
            return false;
        } catch (InputException e) {
            assertThat(e)
                    .hasMessage("file: tensor 'm' at offset 4096 must have rows and groups that pad as 0; got others");
            return true;
        }
    }

    @Test
    void aNegativeZeroThatPadsIsNotZero() {
        SparseMatrix sparse = (SparseMatrix) matrices(5, 3).get(4);
        byte[] altered = bytes(sparse.data());
        altered[altered.length - 1] = (byte) 0x80; // the sign of the last float
        assertThat(sparse.padsWithZeros()).isTrue();
        assertThat(with(altered, sparse).padsWithZeros()).isFalse();
    }

    private SparseMatrix with(byte[] data, SparseMatrix matrix) {
        MemorySegment copy = arena.allocate(data.length, 64).copyFrom(MemorySegment.ofArray(data));
        return matrix.type() == WeightType.INT8
                ? SparseMatrix.int8(matrix.rows(), matrix.columns(), copy, matrix.scales())
                : SparseMatrix.of(matrix.type(), matrix.rows(), matrix.columns(), copy);
    }

    @Test
    void paddingOfAnOpenedFileIsChecked() throws IOException {
        SparseMatrix sparse = (SparseMatrix) matrices(5, 3).get(4);
        MemorySegment altered = arena.allocate(sparse.data().byteSize(), 64).copyFrom(sparse.data());
        altered.set(ValueLayout.JAVA_BYTE, altered.byteSize() - 1, (byte) 1);
        Path file = folder.resolve("padded.lap");
        PackedWriter.write(file, writer -> writer.matrix("m", SparseMatrix.of(WeightType.F32, 5, 12, altered)));
        assertThatThrownBy(() -> PackedFile.open(file, Verify.AT_ONCE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rows and groups that pad");
    }

    @Test
    void refusesWhatIsNoFileAndKnowsPackedFiles() throws IOException {
        assertThatThrownBy(() -> PackedFile.open(folder, Verify.LAZILY)).hasMessageContaining("got no file");
        assertThatThrownBy(() -> PackedFile.open(folder.resolve("x"), Verify.LAZILY))
                .hasMessageContaining("nothing");
        assertThat(PackedFile.isPacked(model())).isTrue();
        assertThat(PackedFile.isPacked(folder)).isFalse();
        assertThat(PackedFile.isPacked(Files.writeString(folder.resolve("t"), "LAPID")))
                .isFalse();
    }
}
