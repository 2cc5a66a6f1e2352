package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.PackedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lapidary lm pack}, and running what it wrote, on a model of random weights. */
class LmPackCommandTest {
    /** Both engines round losses of some 6 to float32, whose step there is 5e-7. */
    private static final double FLOAT32 = 2e-6;

    @TempDir
    private static Path shared;

    private static Path text;
    private static Path model;
    private static Path mask;
    private static Path base; // packed dense in float32

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallLanguageModel small = SmallLanguageModel.in(shared, 100);
        text = small.text();
        model = small.model();
        mask = mask("mask", "magnitude", "2:4");
        base = shared.resolve("base.lapidary");
        assertThat(pack(base, "--type", "f32").status()).isZero();
    }

    private static Path mask(String name, String method, String pattern) {
        Path out = shared.resolve(name);
        CommandRun run = CommandRun.of(
                "mask",
                "prune",
                "--model",
                model,
                "--method",
                method,
                "--pattern",
                pattern,
                "--text",
                text,
                "--out",
                out);
        assertThat(run.status()).as(run.err()).isZero();
        return out;
    }

    private static CommandRun pack(Path out, Object... more) {
        Stream<Object> command = Stream.of("lm", "pack", "--model", model, "--out", out, "--json");
        return CommandRun.of(Stream.concat(command, Arrays.stream(more)).toArray());
    }

    private static CommandRun evaluate(Path of, Object... more) {
        Stream<Object> command = Stream.of("lm", "evaluate", "--model", of, "--text", text, "--json");
        return CommandRun.of(Stream.concat(command, Arrays.stream(more)).toArray());
    }

    private static CommandRun generate(Path of, Object... more) {
        Stream<Object> command = Stream.of(
                "lm", "generate", "--model", of, "--prompt", "the cat sees", "--max-tokens", 20, "--temperature", 0);
        return CommandRun.of(Stream.concat(command, Stream.concat(Arrays.stream(more), Stream.of("--json")))
                .toArray());
    }

    @ParameterizedTest
    @CsvSource({"f32, " + FLOAT32, "bf16, 1e-2", "int8, 3e-2"})
    void aPackedModelHasThePerplexityOfTheMaskedOne(String type, double bound) throws IOException {
        Path file = folder.resolve("packed.lapidary");
        CommandRun packed = pack(file, "--mask", mask, "--type", type, "--text", text);

        assertThat(packed.status()).as(packed.err()).isZero();
        assertThat(packed.json().propertyNames())
                .containsExactly(
                        "file",
                        "format",
                        "type",
                        "bytes",
                        "seconds",
                        "context",
                        "perplexity",
                        "weightBytes",
                        "denseBytes",
                        "sparse",
                        "dense");
        assertThat(packed.number("bytes")).isEqualTo(Files.size(file));
        assertThat(packed.number("weightBytes")).isLessThan(packed.number("denseBytes"));
        double pytorch = evaluate(model, "--mask", mask).number("perplexity");
        CommandRun run = evaluate(file);
        assertThat(run.json("engine").stringValue()).isEqualTo("lapidary-runtime");
        assertThat(run.number("perplexity")).isCloseTo(pytorch, within(bound * pytorch));
        assertThat(packed.json("perplexity").get("packed").asDouble()).isEqualTo(run.number("perplexity"));
        assertThat(packed.json("perplexity").get("pytorch").asDouble()).isEqualTo(pytorch);
    }

    @Test
    void storedPatternsAreThoseOfTheMask() throws IOException {
        Path file = folder.resolve("packed.lapidary");
        pack(file, "--mask", mask);
        MaskSet set = MaskFolder.read(mask);

        try (PackedFile packed = PackedFile.open(file, PackedFile.Verify.AT_ONCE)) {
            assertThat(set.layers()).isNotEmpty();
            set.layers()
                    .forEach((name, layer) -> assertThat(((SparseMatrix) packed.matrix(name)).codes())
                            .isEqualTo(layer.codes()));
        }
    }

    /** Another mask than the written one is what a fault while writing looks like. */
    @Test
    void whatFailsToVerifyLeavesTheOldFile() throws IOException {
        Path file = Files.writeString(folder.resolve("packed.lapidary"), "old");
        MaskSet set = MaskFolder.read(mask);
        byte[] codes = set.layers().firstEntry().getValue().codes();
        Progress changing = (name, total) -> new Progress.Task() {
            private long done;

            @Override
            public void advance(long steps) {
                done += steps;
                codes[0] ^= (byte) (done == total - 1 ? 1 : 0); // all is written, nothing verified
            }

            @Override
            public void close() {}
        };

        assertThatThrownBy(() -> PackedCheckpoint.write(
                        file, model, Optional.of(set), WeightType.F32, Optional.empty(), changing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("must have the codes of its mask");
        assertThat(file).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**tmp*");
    }

    @Test
    void bothEnginesContinueAPromptAlike() {
        CommandRun packed = generate(base);

        assertThat(packed.status()).as(packed.err()).isZero();
        assertThat(packed.json("engine").stringValue()).isEqualTo("lapidary-runtime");
        assertThat(packed.json("text")).isEqualTo(generate(model).json("text"));
        assertThat(packed.number("tokens")).isEqualTo(20);
    }

    @Test
    void severalMaskFilesShareOneBase() {
        Path other = mask("other", "sparsegpt-update", "2:4");
        for (Path of : new Path[] {mask, other}) {
            Path file = folder.resolve(of.getFileName() + ".lapidary");
            CommandRun packed = pack(file, "--mask", of, "--base", base, "--type", "f32");

            assertThat(packed.status()).as(packed.err()).isZero();
            assertThat(packed.number("dense")).isZero();
            double expected = evaluate(model, "--mask", of).number("perplexity");
            assertThat(evaluate(base, "--mask", file).number("perplexity"))
                    .isCloseTo(expected, within(FLOAT32 * expected));
        }
    }

    @ParameterizedTest
    @CsvSource({"f32, " + FLOAT32, "f16, 1e-3", "bf16, 1e-2"})
    void aGgufFileHasThePerplexityOfTheMaskedModel(String type, double bound) {
        Path file = folder.resolve("model.gguf");
        CommandRun packed = pack(file, "--mask", mask, "--gguf", "--type", type);

        assertThat(packed.status()).as(packed.err()).isZero();
        assertThat(packed.json("format").stringValue()).isEqualTo("gguf");
        double expected = evaluate(model, "--mask", mask).number("perplexity");
        CommandRun run = evaluate(file);
        assertThat(run.json("engine").stringValue()).isEqualTo("lapidary-runtime");
        assertThat(run.number("tokens")).isEqualTo(evaluate(model).number("tokens"));
        assertThat(run.number("perplexity")).isCloseTo(expected, within(bound * expected));
    }

    @Test
    void masksOfOtherPatternsArePackedWithTheirZeros() {
        Path oneOfFour = mask("one-of-four", "magnitude", "1:4");
        Path file = folder.resolve("packed.lapidary");
        CommandRun packed = pack(file, "--mask", oneOfFour, "--type", "f32");

        assertThat(packed.number("sparse")).isZero();
        double expected = evaluate(model, "--mask", oneOfFour).number("perplexity");
        assertThat(evaluate(file).number("perplexity")).isCloseTo(expected, within(FLOAT32 * expected));
    }

    @Test
    void badInputEndsInOneLineAndLeavesNothing() throws IOException {
        Path file = folder.resolve("packed.lapidary");
        refused(pack(file, "--type", "int3"), "must be f32, bf16 or int8; got int3");
        refused(pack(file, "--gguf", "--type", "q2"), "must be f32, f16, bf16 or int8 with --gguf; got q2");
        refused(pack(file, "--base", base), "--base must come with a --mask");
        refused(pack(file, "--mask", mask, "--base", text), "must begin with LAPIDARY");
        refused(pack(folder), "must be a file; got a folder");
        assertThat(file).doesNotExist();

        byte[] bytes = Files.readAllBytes(base);
        bytes[bytes.length / 2] ^= 1;
        Path altered = Files.write(folder.resolve("altered.lapidary"), bytes);
        refused(generate(altered), "CRC-32C");
        Path truncated = Files.write(folder.resolve("truncated.lapidary"), Arrays.copyOf(bytes, bytes.length / 2));
        refused(generate(truncated), "must have " + bytes.length + " bytes");
        refused(generate(text), "must ");
        refused(generate(base, "--mask", base), "a mask file must name its base");
    }

    @Test
    void aFinishedFileIsReplacedOnlyWithOverwrite() throws IOException {
        Path out = Files.writeString(folder.resolve("mine.lapidary"), "LAPIDARY, an older one");
        refused(pack(out), out + ": must be new, or given with --overwrite to be replaced; got a finished file");
        assertThat(out).hasContent("LAPIDARY, an older one");
        assertThat(pack(out, "--overwrite").status()).isZero();
        Path diary = Files.writeString(folder.resolve("diary.txt"), "precious");
        refused(pack(diary, "--overwrite"), diary + ": only a packed or GGUF file is replaced; got another file");
        assertThat(diary).hasContent("precious");
        assertThat(evaluate(out).status()).isZero();
    }

    @Test
    void whatIsReadIsNeverReplaced() throws IOException {
        Path weights = model.resolve("model.safetensors");
        byte[] before = Files.readAllBytes(weights);
        refused(
                pack(weights, "--overwrite"),
                weights + ": must be no file of the folder that is read; got one of " + model);
        refused(
                pack(text, "--overwrite", "--text", text),
                "must be another file than the one that is read; got the same");
        Path link = Files.createSymbolicLink(folder.resolve("link"), weights);
        refused(pack(link, "--overwrite"), "must be no file of the folder that is read");
        assertThat(weights).hasBinaryContent(before);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsRefusedBeforeTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        refused(
                pack(file.resolve("x")),
                file.resolve("x") + ": must lie in a folder that can be written to; got " + file);
        Path nothing = Files.createSymbolicLink(folder.resolve("nothing"), folder.resolve("none"));
        refused(pack(nothing), nothing + ": must be no link to nothing; got one");
        assertThat(Files.isSymbolicLink(nothing)).isTrue();
    }

    @Test
    void aGgufFileIsPackedOrWrittenInAnotherType() {
        Path gguf = folder.resolve("model.gguf");
        assertThat(pack(gguf, "--gguf", "--type", "f32").status()).isZero();
        Path out = folder.resolve("model.lapidary");
        CommandRun run =
                CommandRun.of("lm", "pack", "--model", gguf, "--type", "f32", "--out", out, "--text", text, "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("perplexity").path("packed").doubleValue())
                .isEqualTo(run.json("perplexity").path("gguf").doubleValue());
        assertThat(evaluate(out).number("perplexity")).isCloseTo(evaluate(base).number("perplexity"), within(1e-3));

        Path small = folder.resolve("small.gguf");
        CommandRun again =
                CommandRun.of("lm", "pack", "--model", gguf, "--type", "bf16", "--gguf", "--out", small, "--json");
        assertThat(again.json("type").asString()).isEqualTo("BF16");
        assertThat(small).isRegularFile();
        refused(
                CommandRun.of("lm", "pack", "--model", gguf, "--mask", mask, "--out", folder.resolve("x")),
                "--mask must come with the folder of its model; got the file " + gguf);
        refused(
                CommandRun.of("lm", "pack", "--model", base, "--out", folder.resolve("x")),
                "must be a folder or a GGUF file; got another file");
    }
}
