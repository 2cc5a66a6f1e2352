package dev.lapidary.contrast;

import dev.lapidary.count.Cost;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A small residual network: a 3 x 3 convolution, stages of blocks of two, the mean over the last map, a linear projection.
 *
 * <p>Every convolution is followed by batch normalisation. Where a stage begins, the shortcut is the mean of 2 x 2 pixels and a
 * 1 x 1 convolution. It is described once, here, and {@link Operations} say what is done with the description: run in PyTorch,
 * written as ONNX, or asked for its weights.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep Residual Learning for Image Recognition, CVPR 2016</a>
 * @see <a href="https://arxiv.org/abs/1812.01187">He et al., Bag of Tricks for Image Classification, CVPR 2019, for the shortcut</a>
 */
final class ImageNetwork {
    /** Name of the projection [features, embedding]. */
    static final String PROJECTION = "image.projection";

    private static final int PIXEL = 1;
    private static final int NEIGHBOURS = 3;
    private static final int COLOURS = 3;

    private ImageNetwork() {}

    /**
     * What is done where the network has an operation.
     *
     * @param <T> stands for a value in the network: a tensor, a name, a number of channels
     */
    interface Operations<T> {
        /** A convolution without bias, padded to keep the side (halved by a stride of 2), and batch normalisation. */
        T convolution(Convolution layer, T input);

        T rectified(T input);

        T sum(T one, T other);

        /** The mean of each 2 x 2 pixels. */
        T halved(T input);

        /** The mean over all pixels, [batch, channels]. */
        T mean(T input);

        /** The product with a matrix [in, out]. */
        T projection(String name, T input, int in, int out);
    }

    /**
     * A convolution with its batch normalisation.
     *
     * @param last whether it ends a residual branch
     */
    record Convolution(String name, int in, int out, int kernel, int stride, boolean last) {}

    /** Walks through the network from pixels [batch, 3, side, side] to embeddings [batch, embedding], not yet of unit length. */
    static <T> T walk(NetworkShape shape, Operations<T> operations, T pixels) {
        int channels = shape.channels();
        T x = operations.rectified(
                operations.convolution(new Convolution("image.stem", COLOURS, channels, NEIGHBOURS, 1, false), pixels));
        for (int stage = 0; stage < shape.stages(); stage++) {
            for (int block = 0; block < shape.blocks(); block++) {
                int out = shape.channels() << stage;
                x = block("image.stage" + stage + ".block" + block, operations, x, channels, out);
                channels = out;
            }
        }
        return operations.projection(PROJECTION, operations.mean(x), channels, shape.embedding());
    }

    private static <T> T block(String name, Operations<T> operations, T x, int in, int out) {
        int stride = in == out ? 1 : 2;
        T y = operations.convolution(new Convolution(name + ".first", in, out, NEIGHBOURS, stride, false), x);
        y = operations.convolution(
                new Convolution(name + ".second", out, out, NEIGHBOURS, 1, true), operations.rectified(y));
        T shortcut = stride == 1
                ? x
                : operations.convolution(
                        new Convolution(name + ".shortcut", in, out, PIXEL, 1, false), operations.halved(x));
        return operations.rectified(operations.sum(y, shortcut));
    }

    /** Returns all convolutions by name, in the order in which they run. */
    static Map<String, Convolution> convolutions(NetworkShape shape) {
        Counts counts = new Counts();
        walk(shape, counts, shape.side());
        return counts.layers;
    }

    /** Returns the floating point operations of one image: two for each product. */
    static double operations(NetworkShape shape) {
        Counts counts = new Counts();
        walk(shape, counts, shape.side());
        return 2.0 * counts.cost.multiplyAdds();
    }

    /** Counts what the network has; a value is the side of a map. */
    private static final class Counts implements Operations<Integer> {
        private final Map<String, Convolution> layers = new LinkedHashMap<>();
        private Cost cost = Cost.NONE;

        @Override
        public Integer convolution(Convolution layer, Integer side) {
            layers.put(layer.name(), layer);
            int out = side / layer.stride();
            long kernel = (long) layer.kernel() * layer.kernel();
            cost = cost.plus(Cost.convolution(layer.in(), layer.out(), kernel, (long) out * out, false));
            return out;
        }

        @Override
        public Integer rectified(Integer side) {
            return side;
        }

        @Override
        public Integer sum(Integer one, Integer other) {
            return one;
        }

        @Override
        public Integer halved(Integer side) {
            return side / 2;
        }

        @Override
        public Integer mean(Integer side) {
            return 1;
        }

        @Override
        public Integer projection(String name, Integer side, int in, int out) {
            cost = cost.plus(Cost.linear(in, out, false));
            return side;
        }
    }
}
