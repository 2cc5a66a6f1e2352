package dev.lapidary.contrast;

import dev.lapidary.torch.ConvolutionGeometry;
import dev.lapidary.torch.Convolutions;
import dev.lapidary.torch.Products;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Operations that all image networks in PyTorch share, on maps with channels last; everything it makes belongs to the open scope. */
abstract sealed class TorchOperations implements ImageNetwork.Operations<Tensor> permits TorchNetwork, AdaptedNetwork {
    private static final long[] PAIRS = {2, 2};

    private final Products products;

    TorchOperations(Products products) {
        this.products = products;
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

    /** Rounds to the type of the products. */
    final Tensor typed(Tensor tensor) {
        return products == Products.BF16 ? tensor.to(ScalarType.BFloat16) : tensor;
    }

    /** The convolution of a layer with a kernel [out, in, kernel, kernel] and perhaps a bias [out]. */
    final Tensor convolved(ImageNetwork.Convolution layer, Tensor input, Tensor kernel, @Nullable Tensor bias) {
        return Convolutions.conv2d(
                input, typed(kernel), bias, ConvolutionGeometry.of(layer.stride(), layer.kernel() / 2));
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
}
