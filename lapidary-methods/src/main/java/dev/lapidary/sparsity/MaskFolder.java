package dev.lapidary.sparsity;

import dev.lapidary.linear.PatternCodes;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Masks as a folder, the same bytes for the same masks.
 *
 * <p>{@code lapidary.json} says what they are: format and version, the base model's digest, the pattern N:M and its patterns in
 * the order of their codes, method, settings, each layer's name and sizes, and the SHA-256 of the tensor file. {@code
 * mask.safetensors} holds, for each layer, {@code <weight>.codes}, U8 [bytes], the codes as {@link PatternCodes} packs them
 * (2:4: three base-6 digits a byte, least significant first, 0.667 bit per weight), and, only where the method changed weights,
 * {@code <weight>.values}, F32 [rows · columns · N / M], the new values of the kept weights row after row; no zeros are stored.
 *
 * <p>Applying a folder needs the base model; {@link MaskSet#applyTo} refuses any other.
 */
public final class MaskFolder {
    /** The format that the {@value AtomicFiles#MARKER} of such a folder names. */
    public static final String FORMAT = "lapidary-mask";

    static final String MANIFEST = AtomicFiles.MARKER;
    static final String TENSORS = "mask.safetensors";

    private static final String CODES = ".codes";
    private static final String VALUES = ".values";
    private static final long MOST_JSON = 1L << 26; // bytes; a layer takes about 150

    private MaskFolder() {}

    /** Writes masks, all or nothing; a folder of Lapidary's that is there is replaced. */
    public static void write(Path folder, MaskSet set) {
        try {
            Artifact.write(folder, new MaskArtifact(), temporary -> {
                Path tensors = temporary.resolve(TENSORS);
                SafetensorsWriter.write(tensors, tensors(set), Map.of());
                AtomicFiles.writeString(
                        temporary.resolve(MANIFEST),
                        MaskManifest.of(set, Sha256.of(tensors)).toJson());
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<TensorView> tensors(MaskSet set) {
        List<TensorView> tensors = new ArrayList<>();
        for (LayerMask mask : set.layers().values()) {
            byte[] packed = PatternCodes.pack(mask.codes(), set.pattern());
            tensors.add(TensorView.of(mask.weight() + CODES, packed, packed.length));
            if (set.updatedWeights().containsKey(mask.weight())) {
                float[] kept = set.keptWeights(mask.weight());
                tensors.add(TensorView.of(mask.weight() + VALUES, kept, kept.length));
            }
        }
        return tensors;
    }

    /**
     * Reads masks; the files are not used afterwards.
     *
     * @throws InputException where the folder is none of masks, is of another version, or was altered
     */
    public static MaskSet read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException("masks must be a folder; got " + folder);
        }
        try {
            Path file = present(folder, MANIFEST);
            if (Files.size(file) > MOST_JSON) {
                throw new InputException(file + ": must be at most " + MOST_JSON + " bytes; got " + Files.size(file));
            }
            MaskManifest manifest = MaskManifest.read(file, Files.readString(file));
            Path tensors = present(folder, TENSORS);
            Artifact.open(folder).verify();
            try (TensorFile opened = TensorFile.open(tensors)) {
                return read(manifest, opened);
            }
        } catch (IOException failure) {
            throw new InputException(folder + ": a mask folder's files must be readable; got " + failure, failure);
        }
    }

    private static Path present(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": a mask folder must hold " + name + "; got none");
        }
        return file;
    }

    private static MaskSet read(MaskManifest manifest, TensorFile file) {
        SparsityPattern pattern = SparsityPattern.parse(manifest.pattern());
        SequencedMap<String, LayerMask> layers = new LinkedHashMap<>();
        SequencedMap<String, float[]> updated = new LinkedHashMap<>();
        long tensors = 0;
        for (MaskManifest.Layer layer : manifest.layers()) {
            LayerMask mask = mask(layer, pattern, file);
            if (layers.put(layer.weight(), mask) != null) {
                throw new InputException(file.file() + ": layers must be distinct; got two " + layer.weight());
            }
            tensors++;
            if (layer.updated()) {
                updated.put(layer.weight(), values(mask, file));
                tensors++;
            }
        }
        if (file.tensors().size() != tensors) {
            throw new InputException(file.file() + ": must hold the " + tensors + " tensors of its layers; got "
                    + file.tensors().size());
        }
        return new MaskSet(manifest.base(), pattern, manifest.method(), layers, updated, manifest.settings());
    }

    private static LayerMask mask(MaskManifest.Layer layer, SparsityPattern pattern, TensorFile file) {
        long weights = (long) layer.rows() * layer.columns();
        if (layer.rows() < 1 || layer.columns() < 1 || layer.columns() % pattern.of() != 0) {
            throw new InputException(file.file() + ": " + layer.weight()
                    + " must have rows, and columns in a multiple of " + pattern.of() + "; got [" + layer.rows() + ", "
                    + layer.columns() + "]");
        }
        long groups = weights / pattern.of();
        TensorView view = vector(file, layer.weight() + CODES, DType.U8, PatternCodes.packedBytes(groups, pattern));
        try {
            byte[] codes = PatternCodes.unpack(view.toBytes(), groups, pattern);
            return new LayerMask(layer.weight(), layer.rows(), layer.columns(), pattern, codes);
        } catch (InputException bad) {
            throw new InputException(file.file() + ": " + layer.weight() + ": " + bad.getMessage(), bad);
        }
    }

    /** The updated weights [rows · columns], zeros where they are not kept. */
    private static float[] values(LayerMask mask, TensorFile file) {
        float[] kept =
                vector(file, mask.weight() + VALUES, DType.F32, mask.kept()).toFloats();
        float[] all = new float[Math.toIntExact(mask.weights())];
        int[] places = mask.keptPlaces();
        for (int i = 0; i < kept.length; i++) {
            if (!Float.isFinite(kept[i])) {
                throw new InputException(
                        file.file() + ": updated weights of " + mask.weight() + " must be finite; got " + kept[i]);
            }
            all[places[i]] = kept[i];
        }
        return all;
    }

    private static TensorView vector(TensorFile file, String name, DType type, long size) {
        TensorView view = file.tensor(name);
        if (view.dtype() != type || !view.shape().equals(List.of(size))) {
            throw new InputException(file.file() + ": tensor " + name + " must be " + type + " [" + size + "]; got "
                    + view.dtype() + " " + view.shape());
        }
        return view;
    }
}
