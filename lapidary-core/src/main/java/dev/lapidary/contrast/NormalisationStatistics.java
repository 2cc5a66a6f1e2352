package dev.lapidary.contrast;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The running means and variances of all batch normalisations, one set for each piece of a step: pieces run side by side and do not
 * wait for each other's statistics, and what comes out does not depend on who was first.
 *
 * @see <a href="https://arxiv.org/abs/1705.08741">Hoffer, Hubara and Soudry, Train longer, generalize better, NeurIPS 2017, for
 *     statistics of parts of a batch</a>
 */
final class NormalisationStatistics implements AutoCloseable {
    private static final String NAME = "statistics";

    private final Map<String, Integer> offsets = new LinkedHashMap<>(); // of a layer in a row
    private final Map<String, Integer> channels = new LinkedHashMap<>();
    private final Tensor rows; // [pieces, all means and variances]
    private final int pieces;
    private final int width;

    NormalisationStatistics(NetworkShape shape, int pieces) {
        this.pieces = pieces;
        int at = 0;
        for (ImageNetwork.Convolution layer : ImageNetwork.convolutions(shape).values()) {
            offsets.put(layer.name(), at);
            channels.put(layer.name(), layer.out());
            at += 2 * layer.out();
        }
        width = at;
        try (var scope = TorchScope.open()) {
            rows = scope.keep(torch.zeros(pieces, width));
            for (int piece = 0; piece < pieces; piece++) {
                Row row = row(piece);
                offsets.keySet().forEach(layer -> row.variance(layer).fill_(new Scalar(1.0)));
            }
        }
    }

    /** The statistics of a piece, over live memory. */
    Row row(int piece) {
        return new Row(rows.select(0, piece));
    }

    /** The mean over all pieces, to be used where nothing is trained; the scope's. */
    Row meanRow() {
        return new Row(rows.mean(0));
    }

    /** One set of statistics. */
    final class Row {
        private final Tensor values; // [all means and variances]

        private Row(Tensor values) {
            this.values = values;
        }

        /** The running mean [channels] of a layer. */
        Tensor mean(String layer) {
            return part(layer, 0);
        }

        /** The running variance [channels] of a layer. */
        Tensor variance(String layer) {
            return part(layer, 1);
        }

        private Tensor part(String layer, int which) {
            int size = channels.getOrDefault(layer, 0);
            return values.narrow(0, offsets.getOrDefault(layer, 0) + (long) which * size, size);
        }
    }

    TensorView state() {
        return new TensorView(NAME, DType.F32, List.of((long) pieces, (long) width), Tensors.segment(rows));
    }

    void restore(SavedState saved) {
        saved.copy(NAME, Tensors.segment(rows));
    }

    @Override
    public void close() {
        rows.close();
    }
}
