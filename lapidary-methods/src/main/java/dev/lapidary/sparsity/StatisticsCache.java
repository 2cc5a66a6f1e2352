package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the statistics of a dense model's layers on disk, one file per block, so that every one-shot method and pattern on the
 * same model and text takes one pass.
 *
 * <p>The folder is named by the digests of the model and of the windows. Sums are stored as float32, and rounded so before their
 * first use too, so that what comes from disk gives the same masks. Damaged files are collected again. More than
 * {@value #LIMIT} bytes are not stored.
 */
final class StatisticsCache {
    static final long LIMIT = 4L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(StatisticsCache.class);
    private static final String SEQUENCES = "sequences";

    private final Path folder;
    private final boolean stores;

    private StatisticsCache(Path folder, boolean stores) {
        this.folder = folder;
        this.stores = stores;
    }

    static StatisticsCache of(Path root, LanguageModel model, CalibrationWindows windows) {
        String name = Sha256.of(model.digest() + " " + windows.digest());
        long bytes = 0;
        for (String weight : model.prunable()) {
            long width = model.parameter(weight).size(1);
            bytes += width * width * Float.BYTES; // more than there are, as some share theirs
        }
        return new StatisticsCache(root.resolve(name), bytes <= LIMIT);
    }

    /** Returns a block's statistics where the file is there and sound and covers these weights. */
    Optional<BlockStatistics> read(LanguageModel model, int block) {
        if (!Files.isRegularFile(file(block))) {
            return Optional.empty();
        }
        BlockStatistics statistics = new BlockStatistics();
        try (TensorFile tensors = TensorFile.open(file(block))) {
            long sequences = Long.parseLong(tensors.metadata().getOrDefault(SEQUENCES, "0"));
            for (TensorView view : tensors.tensors().values()) {
                Set<String> weights = new LinkedHashSet<>(List.of(view.name().split(" ")));
                require(model, block, view, weights, sequences);
                statistics.put(weights, gram(view, sequences));
            }
            model.prunable(block).forEach(statistics::of);
            return Optional.of(statistics);
        } catch (InputException | NumberFormatException | IllegalStateException | IOException e) {
            statistics.close();
            LOG.warn("{} is collected again: {}", file(block), e.toString());
            return Optional.empty();
        }
    }

    private static void require(LanguageModel model, int block, TensorView view, Set<String> weights, long sequences) {
        if (!model.prunable(block).containsAll(weights)) {
            throw new InputException("statistics must be of the block's weights; got " + weights);
        }
        for (String weight : weights) {
            long width = model.parameter(weight).size(1);
            if (view.dtype() != DType.F32 || !view.shape().equals(List.of(width, width)) || sequences < 1) {
                throw new InputException("statistics of " + weight + " must be F32 [" + width + ", " + width + "]; got "
                        + view + " of " + sequences + " sequences");
            }
        }
    }

    private static InputGram gram(TensorView view, long sequences) {
        try (TorchScope scope = TorchScope.open()) {
            long width = view.shape().getFirst();
            return new InputGram(Tensors.of(view.toFloats(), width, width), sequences);
        }
    }

    /** Rounds a block's sums to what is stored, and stores them. */
    void write(int block, BlockStatistics statistics) {
        List<TensorView> views = new ArrayList<>();
        Map<String, String> metadata = new TreeMap<>();
        try (TorchScope scope = TorchScope.open()) {
            statistics.shared().forEach((weights, gram) -> {
                Tensor rounded = gram.sum().to(ScalarType.Float);
                gram.sum().copy_(rounded);
                List<Long> shape = List.of((long) gram.width(), (long) gram.width());
                views.add(new TensorView(String.join(" ", weights), DType.F32, shape, Tensors.segment(rounded)));
                metadata.put(SEQUENCES, Long.toString(gram.sequences()));
            });
            if (stores) {
                SafetensorsWriter.write(file(block), views, metadata);
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be stored and will be collected again: {}", file(block), e.toString());
        }
    }

    private Path file(int block) {
        return folder.resolve("block-" + block + ".safetensors");
    }
}
