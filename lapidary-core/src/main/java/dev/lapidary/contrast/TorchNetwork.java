package dev.lapidary.contrast;

import dev.lapidary.torch.Products;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Runs the image network in PyTorch with batch normalisation. */
final class TorchNetwork extends TorchOperations {
    /** What is added to a variance before its root is taken. */
    static final double EPSILON = 1e-5;

    private static final double MOMENTUM = 0.1; // share of the newest statistics

    private final Map<String, Tensor> parameters;
    private final NormalisationStatistics.Row statistics;
    private final boolean training;

    private TorchNetwork(
            Map<String, Tensor> parameters,
            NormalisationStatistics.Row statistics,
            boolean training,
            Products products) {
        super(products);
        this.parameters = parameters;
        this.statistics = statistics;
        this.training = training;
    }

    /** Normalises by each batch, and brings the statistics of a piece up to date. */
    static TorchNetwork training(
            Map<String, Tensor> parameters, NormalisationStatistics statistics, int piece, Products products) {
        return new TorchNetwork(parameters, statistics.row(piece), true, products);
    }

    /** Normalises by the running statistics, in float32. */
    static TorchNetwork trained(Map<String, Tensor> parameters, NormalisationStatistics statistics) {
        return new TorchNetwork(parameters, statistics.meanRow(), false, Products.F32);
    }

    private Tensor parameter(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    @Override
    public Tensor convolution(ImageNetwork.Convolution layer, Tensor input) {
        Tensor map = convolved(layer, input, parameter(layer.name() + ".weight"), null);
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
    public Tensor projection(String name, Tensor input, int in, int out) {
        return input.matmul(parameter(name));
    }
}
