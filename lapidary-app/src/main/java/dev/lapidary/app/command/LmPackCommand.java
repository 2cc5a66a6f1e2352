package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.PackedCheckpoint;
import dev.lapidary.sparsity.PackedCheckpoint.Packed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Packs a model into the file that the runtime runs. */
@Command(
        name = "pack",
        sortOptions = false,
        description = {
            "Packs a Hugging Face folder, and a mask of it, or a GGUF file, into one file with config and tokenizer that Lapidary's own runtime "
                    + "maps into memory and runs, without PyTorch. Weights under a 2:4 mask take 17 of 32, 9 of 16 or 5 of 8 "
                    + "bits; those under other patterns are stored with their zeros. A packed file is read again and verified.",
            "JSON: file, format (lapidary or gguf), type, bytes, seconds; with --text also context and perplexity (packed and "
                    + "pytorch, of the same model and mask; of a GGUF file packed and gguf); without --gguf also weightBytes, denseBytes (the same without a "
                    + "mask), sparse and dense (numbers of matrices)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary lm pack --model model --type bf16 --out model.lapidary",
            "  lapidary lm pack --model model --mask mask --type int8 --out packed.lapidary --text book.txt",
            "  lapidary lm pack --model model --mask mask --gguf --type f16 --out model.gguf",
            "  lapidary lm pack --model model --mask other-mask --base model.lapidary --out other-mask.lapidary",
            "  lapidary lm generate --model model.lapidary --mask other-mask.lapidary --prompt \"Once upon a time\"",
            "  lapidary lm generate --model packed.lapidary --prompt \"Once upon a time\"",
        })
final class LmPackCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Folder of the model, or a GGUF file.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(names = "--mask", paramLabel = "DIR", description = "Folder of a mask of this model.")
    private @Nullable Path mask;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description =
                    "f32, bf16, or int8 with a scale for each row; with --gguf also f16, and int8 becomes Q8_0, a scale for "
                            + "each 32 columns. Default: ${DEFAULT-VALUE}.")
    private String type = "bf16";

    @Option(
            names = "--gguf",
            description =
                    "Write a GGUF file instead, which llama.cpp runs too: dense, with zeros where a mask keeps nothing.")
    private boolean gguf;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Write this file.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--base",
            paramLabel = "FILE",
            description =
                    "Write only what the mask changes, as a mask file for this packed file of the same model; several mask "
                            + "files share one base.")
    private @Nullable Path base;

    @Option(
            names = "--text",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Measure the perplexity on these files before and after packing.")
    private List<Path> texts = List.of();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    LmPackCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() throws IOException {
        long begin = System.nanoTime();
        requireOptions();
        if (Files.isRegularFile(model)) {
            return gguf ? ggufOfGguf(begin) : packedOfGguf(begin);
        }
        Optional<MaskSet> set = Optional.ofNullable(mask).map(MaskFolder::read);
        return gguf ? gguf(set, begin) : packed(set, begin);
    }

    private int packedOfGguf(long begin) throws IOException {
        Packed packed = PackedCheckpoint.pack(out, model, WeightType.parse(type), output.progress());
        return answer(packed, begin);
    }

    private int ggufOfGguf(long begin) throws IOException {
        GgufType stored = ggufType();
        PackedCheckpoint.rewriteGguf(out, model, stored, output.progress());
        return answer(stored, begin);
    }

    private int packed(Optional<MaskSet> set, long begin) throws IOException {
        WeightType weights = WeightType.parse(type);
        Packed packed = PackedCheckpoint.write(out, model, set, weights, Optional.ofNullable(base), output.progress());
        return answer(packed, begin);
    }

    private int answer(Packed packed, long begin) {
        double seconds = Durations.since(begin);
        Measured measured = measure();
        return output.result(() -> text(packed) + text(measured), () -> json(packed, measured, seconds));
    }

    private void requireOptions() throws IOException {
        OutputFolder.requireFile(
                out,
                Stream.concat(Stream.of(model, mask, base), texts.stream())
                        .filter(Objects::nonNull)
                        .toArray(Path[]::new));
        overwrite.require(out);
        if (Files.isRegularFile(out) && Files.size(out) > 0 && !PackedFile.isPacked(out) && !GgufFile.isGguf(out)) {
            throw new InputException(out + ": only a packed or GGUF file is replaced; got another file");
        }
        if (Files.isRegularFile(model) && !isGguf()) {
            throw new InputException(model + ": must be a folder or a GGUF file; got another file");
        }
        if (Files.isRegularFile(model) && mask != null) {
            throw new InputException("--mask must come with the folder of its model; got the file " + model);
        }
        if (base != null && mask == null) {
            throw new InputException("--base must come with a --mask to write; got none");
        }
        if (base != null && gguf) {
            throw new InputException("--base must be without --gguf, which has no mask files; got both");
        }
    }

    private int gguf(Optional<MaskSet> set, long begin) throws IOException {
        GgufType stored = ggufType();
        PackedCheckpoint.writeGguf(out, model, set, stored, output.progress());
        return answer(stored, begin);
    }

    private int answer(GgufType stored, long begin) throws IOException {
        double seconds = Durations.since(begin);
        Measured measured = measure();
        long bytes = Files.size(out);
        return output.result(
                () -> String.format(Locale.ROOT, "%s: %,d bytes of GGUF in %s.%n", out, bytes, stored) + text(measured),
                () -> json(measured, seconds, bytes, stored.toString()));
    }

    private boolean isGguf() throws IOException {
        return GgufFile.isGguf(model);
    }

    private GgufType ggufType() {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "f32" -> GgufType.F32;
            case "f16" -> GgufType.F16;
            case "bf16" -> GgufType.BF16;
            case "int8" -> GgufType.Q8_0;
            default -> throw new InputException("--type must be f32, f16, bf16 or int8 with --gguf; got " + type);
        };
    }

    /** The same windows on both engines. */
    private record Measured(PerplexityResult packed, PerplexityResult pytorch) {}

    /** Measures both; null without a text. */
    private @Nullable Measured measure() {
        if (texts.isEmpty()) {
            return null;
        }
        try (LanguageEngine before =
                        Files.isRegularFile(model) ? new RuntimeEngine(model, null) : new TorchEngine(model, mask);
                var after = base == null ? new RuntimeEngine(out, null) : new RuntimeEngine(base, out)) {
            return new Measured(perplexity(after), perplexity(before));
        }
    }

    private PerplexityResult perplexity(LanguageEngine engine) {
        return engine.perplexity(texts, Protocol.HF, null, output.progress(), output.cancellation());
    }

    private String text(Packed packed) {
        return String.format(
                Locale.ROOT,
                "%s: %,d bytes in %s; %d matrices 2:4, %d dense. The matrices take %s of what they take dense.%n",
                out,
                packed.bytes(),
                packed.type(),
                packed.sparse(),
                packed.dense(),
                ReportView.percent((double) packed.weightBytes() / packed.denseBytes()));
    }

    private static String text(@Nullable Measured measured) {
        if (measured == null) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "Perplexity %.4f packed, %.4f before (context %d, %,d tokens scored; %.1f s against %.1f s).%n",
                measured.packed().perplexity(),
                measured.pytorch().perplexity(),
                measured.packed().context(),
                measured.packed().scored(),
                measured.packed().seconds(),
                measured.pytorch().seconds());
    }

    private ObjectNode json(Packed packed, @Nullable Measured measured, double seconds) {
        return json(measured, seconds, packed.bytes(), packed.type().toString())
                .put("weightBytes", packed.weightBytes())
                .put("denseBytes", packed.denseBytes())
                .put("sparse", packed.sparse())
                .put("dense", packed.dense());
    }

    private ObjectNode json(@Nullable Measured measured, double seconds, long bytes, String stored) {
        ObjectNode json = JsonMapper.shared()
                .createObjectNode()
                .put("file", out.toString())
                .put("format", gguf ? "gguf" : "lapidary")
                .put("type", stored)
                .put("bytes", bytes)
                .put("seconds", seconds);
        if (measured != null) {
            json.put("context", measured.packed().context());
            json.putObject("perplexity")
                    .put("packed", measured.packed().perplexity())
                    .put(
                            Files.isRegularFile(model) ? "gguf" : "pytorch",
                            measured.pytorch().perplexity());
        }
        return json;
    }
}
