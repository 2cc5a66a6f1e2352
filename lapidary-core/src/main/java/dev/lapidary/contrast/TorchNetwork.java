package dev.lapidary.contrast;

import dev.lapidary.torch.Products;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Runs the image network in PyTorch, on maps that lie channels last; everything it makes belongs to the open scope. */
final class TorchNetwork implements ImageNetwork.Operations<Tensor> {
    /** What is added to a variance before its root is taken. */
    static final double EPSILON = 1e-5;

    private static final double MOMENTUM = 0.1; // share of the newest statistics
    private static final long[] ONCE = {1, 1};
    private static final long[] PAIRS = {2, 2};

    private final Map<String, Tensor> parameters;
    private final Statistics statistics;
    private final boolean training;
    private final Products products;

    /** Where running statistics lie. */
    interface Statistics {
        /** The running mean [channels] of a layer. */
        Tensor mean(String layer);

        /** The running variance [channels] of a layer. */
        Tensor variance(String layer);
    }

    private TorchNetwork(Map<String, Tensor> parameters, Statistics statistics, boolean training, Products products) {
        this.parameters = parameters;
        this.statistics = statistics;
        this.training = training;
        this.products = products;
    }

    /** Normalises by each batch, and brings the statistics of a piece up to date. */
    static TorchNetwork training(
            Map<String, Tensor> parameters, NormalisationStatistics statistics, int piece, Products products) {
        return new TorchNetwork(
                parameters,
                new Statistics() {
                    @Override
                    public Tensor mean(String layer) {
                        return statistics.mean(layer, piece);
                    }

                    @Override
                    public Tensor variance(String layer) {
                        return statistics.variance(layer, piece);
                    }
                },
                true,
                products);
    }

    /** Normalises by the running statistics, in float32. */
    static TorchNetwork trained(Map<String, Tensor> parameters, NormalisationStatistics statistics) {
        Tensor row = statistics.meanRow();
        return new TorchNetwork(
                parameters,
                new Statistics() {
                    @Override
                    public Tensor mean(String layer) {
                        return statistics.mean(layer, row);
                    }

                    @Override
                    public Tensor variance(String layer) {
                        return statistics.variance(layer, row);
                    }
                },
                false,
                Products.F32);
    }

    /**
     * Returns embeddings [batch, embedding] float32 of unit length.
     *
     * @param pixels [batch, 3, side, side] float32, normalised, channels last in memory
     */
    Tensor embed(NetworkShape shape, Tensor pixels) {
        return unit(ImageNetwork.walk(shape, this, typed(pixels)));
    }

    /** Scales rows to length 1. */
    static Tensor unit(Tensor rows) {
        return rows.div(rows.norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true)
                .clamp_min(new Scalar(1e-12)));
    }

    private Tensor parameter(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    private Tensor typed(Tensor tensor) {
        return products == Products.BF16 ? tensor.to(ScalarType.BFloat16) : tensor;
    }

    @Override
    public Tensor convolution(ImageNetwork.Convolution layer, Tensor input) {
        long[] padding = {layer.kernel() / 2, layer.kernel() / 2};
        long[] stride = {layer.stride(), layer.stride()};
        Tensor map = torch.conv2d(
                input, typed(parameter(layer.name() + ".weight")), new TensorOptional(), stride, padding, ONCE, 1);
        return torch.batch_norm(
                map,
                new TensorOptional(parameter(layer.name() + ".scale")),
                new TensorOptional(parameter(layer.name() + ".shift")),
                new TensorOptional(statistics.mean(layer.name())),
                new TensorOptional(statistics.variance(layer.name())),
                training,
                MOMENTUM,
                EPSILON,
                false);
    }

    @Override
    public Tensor rectified(Tensor input) {
        return input.relu();
    }

    @Override
    public Tensor sum(Tensor one, Tensor other) {
        return one.add(other);
    }

    @Override
    public Tensor halved(Tensor input) {
        return torch.avg_pool2d(input, PAIRS);
    }

    @Override
    public Tensor mean(Tensor input) {
        return input.mean(2, 3).to(ScalarType.Float);
    }

    @Override
    public Tensor projection(String name, Tensor input, int in, int out) {
        return input.matmul(parameter(name));
    }
}
