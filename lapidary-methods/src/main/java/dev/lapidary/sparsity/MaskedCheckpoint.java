package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TokenizerFiles;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a masked model as a plain Hugging Face folder, zeros for the weights that are not kept, which any tool loads; the
 * tokenizer's files come along, and {@code lapidary.json} says what it was made of.
 *
 * <p>What was written is read again before the folder appears, and must be right in every respect: each file has its checksum;
 * every weight that the codes do not keep is +0 and all other parameters, bit for bit, are those of the masked model in memory;
 * and so are the logits of the reloaded model. "Those in memory" means after rounding to the type written: weights kept from a
 * base of the same type lose nothing, updated weights and weights written in a smaller type do, and {@link
 * Verification#rounding} says by how much that moves the logits. The pattern is checked by the codes, never by counting
 * zeros: a kept weight may be 0.
 *
 * <p>Files of GPT-2 hold linear weights as [in, out], so there the groups lie along columns of the stored matrix.
 */
public final class MaskedCheckpoint {
    /** The format that the {@value AtomicFiles#MARKER} of such a folder names. */
    public static final String FORMAT = "lapidary-masked-model";

    private static final int VERSION = 1;
    private static final int WINDOWS = 3;
    private static final int MOST_LENGTH = 32; // tokens of a window
    private static final JsonMapper JSON = JsonMapper.shared();

    private final MaskSet set;
    private final LanguageModel model;
    private final DType type;

    private MaskedCheckpoint(MaskSet set, LanguageModel model, DType type) {
        this.set = set;
        this.model = model;
        this.type = type;
    }

    /**
     * What was found to be right.
     *
     * @param type in which weights are stored
     * @param digest of the model that was written
     * @param groups that keep exactly N of M, all there are
     * @param dropped weights that are 0 because their code does not keep them
     * @param keptZeros kept weights that are 0 too, which no count of zeros could tell apart
     * @param parameters tensors that are equal, bit for bit, to those in memory
     * @param logits numbers that are equal, bit for bit, to those of the masked model in memory
     * @param rounding largest difference of those from the float32 model's before its weights were rounded; 0 where none was
     * @param files SHA-256 of each file, the same right after writing and at the end
     */
    public record Verification(
            DType type,
            String digest,
            long groups,
            long dropped,
            long keptZeros,
            int parameters,
            long logits,
            double rounding,
            SortedMap<String, String> files) {}

    /**
     * Writes and verifies, all or nothing.
     *
     * @param out new, empty or written by Lapidary
     * @param base folder of the model that the masks were made for
     * @param type F32, F16 or BF16; {@link LanguageModel#storedType} is the base's own
     * @throws InputException where base and masks do not belong together, or a weight is too large for the type
     * @throws IOException where writing fails, or what is read back is not what was written
     */
    public static Verification write(Path out, Path base, MaskSet set, DType type, Progress progress)
            throws IOException {
        Verification[] result = new Verification[1];
        try (Progress.Task task = progress.start("apply the mask", 4);
                LanguageModel model = LanguageModel.open(base)) {
            set.applyTo(model);
            task.advance(1);
            MaskedCheckpoint checkpoint = new MaskedCheckpoint(set, model, type);
            float[] exact = checkpoint.logits(model);
            checkpoint.round();
            Artifact.write(out, new MaskedModelArtifact(), temporary -> {
                model.saveReplaced(temporary, type);
                TokenizerFiles.copy(base, temporary);
                SortedMap<String, String> files = digests(temporary);
                checkpoint.writeManifest(temporary, files);
                task.advance(1);
                result[0] = checkpoint.verify(temporary, exact, files);
                task.advance(2);
            });
        }
        return result[0];
    }

    /** Rounds what the forward reads to the type, so that memory and file can be compared bit for bit. */
    private void round() {
        if (type == DType.F32) {
            return;
        }
        ScalarType stored = type == DType.F16 ? ScalarType.Half : ScalarType.BFloat16;
        for (String name : model.names()) {
            try (TorchScope scope = TorchScope.open();
                    NoGradGuard still = new NoGradGuard()) {
                Tensor value = model.value(name);
                Tensor rounded = value.to(stored).to(ScalarType.Float);
                if (!rounded.isfinite().all().item_bool()) {
                    throw new InputException("weights must be finite numbers that " + type + " can hold; got "
                            + value.abs().max().item_double() + " in " + name);
                }
                model.replace(name, rounded);
            }
        }
    }

    private void writeManifest(Path folder, SortedMap<String, String> files) throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("format", FORMAT);
        manifest.put("version", VERSION);
        manifest.put("base", set.baseDigest());
        manifest.put("pattern", set.pattern().toString());
        manifest.put("method", set.method());
        manifest.put("type", type.name());
        manifest.put("files", files);
        AtomicFiles.writeString(
                folder.resolve(AtomicFiles.MARKER),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n");
    }

    private static SortedMap<String, String> digests(Path folder) throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().equals(AtomicFiles.MARKER)) {
                    digests.put(file.getFileName().toString(), Sha256.of(file));
                }
            }
        }
        return digests;
    }

    private Verification verify(Path folder, float[] exact, SortedMap<String, String> files) throws IOException {
        try (LanguageModel reloaded = LanguageModel.open(folder)) {
            long keptZeros = 0;
            for (LayerMask mask : set.layers().values()) {
                keptZeros += requireZeros(mask, reloaded.parameter(mask.weight()));
            }
            for (String name : model.names()) {
                requireEqual(name, Tensors.toFloats(model.value(name)), Tensors.toFloats(reloaded.value(name)));
            }
            float[] logits = logits(reloaded);
            requireEqual("logits", logits(model), logits);
            SortedMap<String, String> read = digests(folder);
            if (!read.equals(files)) {
                throw wrong("files", "have the digests " + files, read);
            }
            long dropped = set.layers().values().stream()
                    .mapToLong(mask -> mask.weights() - mask.kept())
                    .sum();
            return new Verification(
                    type,
                    reloaded.digest(),
                    set.weights() / set.pattern().of(),
                    dropped,
                    keptZeros,
                    model.names().size(),
                    logits.length,
                    difference(exact, logits),
                    files);
        }
    }

    /** Requires +0 wherever the codes do not keep, and returns how many of the kept weights are 0. */
    static long requireZeros(LayerMask mask, Tensor weight) throws IOException {
        float[] values = Tensors.toFloats(weight);
        long keptZeros = 0;
        int[] positions = mask.pattern().positions();
        int of = mask.pattern().of();
        for (int group = 0; group < mask.codes().length; group++) {
            int kept = positions[mask.codes()[group]];
            if (Integer.bitCount(kept) != mask.pattern().kept()) {
                throw wrong(mask.weight(), "keep " + mask.pattern(), Integer.bitCount(kept));
            }
            for (int k = 0; k < of; k++) {
                float value = values[group * of + k];
                if ((kept >>> k & 1) == 1) {
                    keptZeros += value == 0 ? 1 : 0;
                } else if (Float.floatToRawIntBits(value) != 0) {
                    throw wrong(mask.weight(), "be 0 where it is not kept", value);
                }
            }
        }
        return keptZeros;
    }

    static void requireEqual(String what, float[] memory, float[] file) throws IOException {
        for (int i = 0; i < Math.max(memory.length, file.length); i++) {
            if (i >= memory.length
                    || i >= file.length
                    || Float.floatToRawIntBits(memory[i]) != Float.floatToRawIntBits(file[i])) {
                throw wrong(what, "be those in memory", i < file.length ? file[i] + " at " + i : file.length);
            }
        }
    }

    private static IOException wrong(String what, String must, Object got) {
        return new IOException("what was written must be right: " + what + " must " + must + "; got " + got);
    }

    private static double difference(float[] exact, float[] rounded) {
        double most = 0;
        for (int i = 0; i < exact.length; i++) {
            most = Math.max(most, Math.abs((double) exact[i] - rounded[i]));
        }
        return most;
    }

    /** The logits of a few windows of arbitrary, always equal tokens. */
    private float[] logits(LanguageModel of) {
        int length = Math.min(of.config().context(), MOST_LENGTH);
        SplittableRandom random = new SplittableRandom(1);
        long[] tokens = random.longs((long) WINDOWS * length, 0, of.config().vocabulary())
                .toArray();
        try (TorchScope scope = TorchScope.open();
                NoGradGuard still = new NoGradGuard()) {
            return Tensors.toFloats(of.logits(of.hidden(Tensors.of(tokens, WINDOWS, length))));
        }
    }
}
