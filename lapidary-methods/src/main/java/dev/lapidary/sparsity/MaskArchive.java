package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.npy.NpzWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * Masks as the npz file in which MaskLLM publishes them: one entry {@code <parameter>.mask} for each pruned weight, U8
 * [⌈rows · columns / 8⌉], the row-major mask as {@code numpy.packbits} packs it, the first weight in the highest bit.
 *
 * <p>Such a file says neither which model the masks are for nor which pattern they keep, so reading needs the model, checks every
 * group and finds the pattern; and it has no place for changed weights. It takes 1 bit per weight before compression, a {@link
 * MaskFolder} 0.667 for 2:4.
 *
 * <p>Models whose files store linear weights as [in, out] (GPT-2) are refused: groups lie along the inputs, which in those files
 * are not consecutive, so that a reader who expects the published form would see groups that keep any number.
 *
 * @see <a href="https://github.com/NVlabs/MaskLLM">the published masks</a>
 */
public final class MaskArchive {
    private static final String ENDING = ".mask";
    private static final int SHOWN = 20; // names in a message
    private static final Pattern TRANSPOSED = Pattern.compile(".*\\.c_(attn|proj|fc)\\.weight");

    private MaskArchive() {}

    /**
     * Writes masks, all or nothing, the same bytes for the same masks, and reads them again before the file appears.
     *
     * @throws InputException where weights were updated, or are stored transposed in the model's files
     * @throws IOException where writing fails, or what is read back is not what was written
     */
    public static void write(Path npz, MaskSet set) throws IOException {
        if (!set.updatedWeights().isEmpty()) {
            throw new InputException(
                    "masks exported as npz must be of unchanged weights, for which it has no place; got "
                            + set.method() + " masks with updated weights of "
                            + set.updatedWeights().size() + " layers");
        }
        requirePublishable(set.layers().keySet());
        List<TensorView> entries = new ArrayList<>();
        for (LayerMask mask : set.layers().values()) {
            byte[] bits = pack(mask);
            entries.add(TensorView.of(mask.weight() + ENDING, bits, bits.length));
        }
        AtomicFiles.write(npz, temporary -> {
            NpzWriter.write(temporary, entries);
            verify(temporary, set);
        });
    }

    /** Reads a written file again: every entry must be the codes of its mask, which says that it keeps exactly N of M. */
    private static void verify(Path npz, MaskSet set) throws IOException {
        try (TensorFile file = TensorFile.open(npz)) {
            for (LayerMask mask : set.layers().values()) {
                Shape shape = new Shape(mask.rows(), mask.columns());
                boolean[] kept = kept(file, mask.weight(), shape);
                LayerMask read = LayerMask.of(mask.weight(), mask.rows(), mask.columns(), mask.pattern(), kept);
                if (!read.equals(mask)) {
                    throw new IOException("what was written must be right: " + mask + "; got another mask");
                }
            }
        } catch (InputException wrong) {
            throw new IOException("what was written must be right; got: " + wrong.getMessage(), wrong);
        }
    }

    private static void requirePublishable(Collection<String> weights) {
        for (String weight : weights) {
            if (TRANSPOSED.matcher(weight).matches()) {
                throw new InputException(
                        "npz masks must be of weights that files store as [out, in]; got " + weight + " of a GPT-2");
            }
        }
    }

    /**
     * Reads masks for a model; its prunable weights without an entry stay dense.
     *
     * @param pattern what every group keeps, or empty to find the pattern of the fewest columns that all groups keep
     * @throws InputException where the file is no npz of masks, names what the model does not have, or a group keeps another
     *     number
     */
    public static MaskSet read(Path npz, LanguageModel base, Optional<SparsityPattern> pattern) {
        requirePublishable(base.prunable());
        try (TensorFile file = TensorFile.open(npz)) {
            requireMatching(file, base);
            SequencedMap<String, Shape> shapes = new LinkedHashMap<>();
            for (String weight : base.prunable()) { // in the model's order
                if (file.tensors().containsKey(weight + ENDING)) {
                    shapes.put(weight, Shape.of(base, weight));
                }
            }
            SparsityPattern found = pattern.orElseGet(() -> find(file, shapes));
            List<LayerMask> masks = new ArrayList<>();
            shapes.forEach((weight, shape) ->
                    masks.add(LayerMask.of(weight, shape.rows, shape.columns, found, kept(file, weight, shape))));
            TreeMap<String, String> settings = new TreeMap<>(Map.of("importedFrom", String.valueOf(npz.getFileName())));
            return MaskSet.of(base, "npz", found, masks, settings);
        } catch (InputException bad) {
            String message = String.valueOf(bad.getMessage());
            throw message.startsWith(npz.toString()) ? bad : new InputException(npz + ": " + message, bad);
        } catch (IOException failure) {
            throw new UncheckedIOException(npz + " cannot be read", failure);
        }
    }

    private static void requireMatching(TensorFile file, LanguageModel base) {
        List<String> wrong = new ArrayList<>();
        for (TensorView view : file.tensors().values()) {
            String name = view.name();
            String weight = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : "";
            if (!base.prunable().contains(weight)) {
                wrong.add(name);
                continue;
            }
            Shape shape = Shape.of(base, weight);
            if (view.dtype() != DType.U8 || !view.shape().equals(List.of(shape.bytes()))) {
                wrong.add(name + " (" + view.dtype() + " " + view.shape() + " where U8 [" + shape.bytes()
                        + "] holds the bits of a weight [" + shape.rows + ", " + shape.columns + "])");
            }
        }
        wrong.addAll(file.strings().keySet());
        if (!wrong.isEmpty()) {
            throw new InputException(file.file()
                    + ": every entry must be the packed mask of a prunable weight of the model; got " + shown(wrong));
        }
        if (file.tensors().isEmpty()) {
            throw new InputException(file.file() + ": must hold masks; got none");
        }
    }

    private static String shown(List<String> names) {
        String text = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
        return names.size() > SHOWN ? text + " and " + (names.size() - SHOWN) + " more" : text;
    }

    private static SparsityPattern find(TensorFile file, SequencedMap<String, Shape> shapes) {
        List<SparsityPattern> candidates = List.of();
        for (var entry : shapes.entrySet()) {
            boolean[] kept = kept(file, entry.getKey(), entry.getValue());
            int columns = entry.getValue().columns;
            List<SparsityPattern> before =
                    entry.getKey().equals(shapes.firstEntry().getKey()) ? ofFirstGroups(kept, columns) : candidates;
            candidates = before.stream()
                    .filter(p -> columns % p.of() == 0 && keeps(kept, p))
                    .toList();
            if (candidates.isEmpty()) {
                throw new InputException(file.file()
                        + ": all groups must keep the same N of every M inputs, M at most "
                        + SparsityPattern.MOST_COLUMNS + "; got none that " + entry.getKey() + " keeps"
                        + (before.isEmpty() ? "" : " of those that fit so far, " + before));
            }
        }
        return candidates.getFirst();
    }

    /** For each M the pattern that the first group keeps, where it is one. */
    private static List<SparsityPattern> ofFirstGroups(boolean[] kept, int columns) {
        List<SparsityPattern> patterns = new ArrayList<>();
        for (int of = 2; of <= Math.min(SparsityPattern.MOST_COLUMNS, columns); of++) {
            int count = count(kept, 0, of);
            try {
                patterns.add(new SparsityPattern(count, of));
            } catch (InputException tooMany) {
                // none at all, all, or more choices than a pattern may have
            }
        }
        return patterns;
    }

    private static boolean keeps(boolean[] kept, SparsityPattern pattern) {
        for (int start = 0; start < kept.length; start += pattern.of()) {
            if (count(kept, start, pattern.of()) != pattern.kept()) {
                return false;
            }
        }
        return true;
    }

    private static int count(boolean[] kept, int start, int of) {
        int count = 0;
        for (int k = start; k < start + of; k++) {
            count += kept[k] ? 1 : 0;
        }
        return count;
    }

    /** Packs a mask, row after row, the first weight in the highest bit; the bits after the last weight are 0. */
    static byte[] pack(LayerMask mask) {
        byte[] bits = new byte[(int) ((mask.weights() + 7) / 8)];
        for (int place : mask.keptPlaces()) {
            bits[place >>> 3] |= (byte) (0x80 >>> (place & 7));
        }
        return bits;
    }

    private static boolean[] kept(TensorFile file, String weight, Shape shape) {
        byte[] bits = file.tensor(weight + ENDING).toBytes();
        boolean[] kept = new boolean[Math.multiplyExact(shape.rows, shape.columns)];
        for (int i = 0; i < bits.length * 8L; i++) {
            boolean bit = (bits[i >>> 3] >>> (7 - (i & 7)) & 1) == 1;
            if (i < kept.length) {
                kept[i] = bit;
            } else if (bit) {
                throw new InputException(
                        file.file() + ": bits after the last weight of " + weight + " must be 0; got a 1 at bit " + i);
            }
        }
        return kept;
    }

    private record Shape(int rows, int columns) {
        static Shape of(LanguageModel base, String weight) {
            Tensor parameter = base.parameter(weight);
            return new Shape(Math.toIntExact(parameter.size(0)), Math.toIntExact(parameter.size(1)));
        }

        long bytes() {
            return ((long) rows * columns + 7) / 8;
        }
    }
}
