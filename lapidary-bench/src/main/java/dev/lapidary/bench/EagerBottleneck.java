package dev.lapidary.bench;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The published training step in eager PyTorch: two linear maps, Gumbel noise and a softmax for each axis, −mean of the
 * logarithm, cross-entropy, backward of the sum (which gives what the published two backward calls give, in less time), two
 * Adam steps.
 */
final class EagerBottleneck implements AutoCloseable {
    private final Tensor layer; // [M, M]
    private final Tensor head; // [K, M]
    private final Adam layerAdam;
    private final Adam headAdam;

    EagerBottleneck(double[] layer, double[] head, int concepts, double layerRate, double headRate) {
        try (var scope = TorchScope.open()) {
            this.layer = scope.keep(parameter(layer, concepts));
            this.head = scope.keep(parameter(head, concepts));
            layerAdam = scope.keep(new Adam(new TensorVector(this.layer), new AdamOptions(layerRate)));
            headAdam = scope.keep(new Adam(new TensorVector(this.head), new AdamOptions(headRate)));
        }
    }

    private static Tensor parameter(double[] values, int concepts) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        Tensor parameter = Tensors.of(floats, values.length / concepts, concepts);
        parameter.set_requires_grad(true);
        return parameter;
    }

    /** Takes a step on scores [B, M] and labels [B]; noise [2, B, M] in place of fresh noise where given. */
    void step(Tensor scores, Tensor labels, @Nullable Tensor noise) {
        try (var scope = TorchScope.open()) {
            layerAdam.zero_grad();
            headAdam.zero_grad();
            Tensor c = torch.linear(scores, layer);
            Tensor z = torch.linear(c, head);
            Tensor first = axisLoss(c, noise == null ? gumbel(c) : noise.select(0, 0), 0);
            Tensor second = axisLoss(c, noise == null ? gumbel(c) : noise.select(0, 1), 1);
            Tensor loss =
                    torch.cross_entropy_loss(z, labels).add(first.add(second).mul(new Scalar(0.5)));
            loss.backward();
            layerAdam.step();
            headAdam.step();
        }
    }

    private static Tensor gumbel(Tensor like) {
        return torch.rand_like(like).log().neg().log().neg();
    }

    private static Tensor axisLoss(Tensor c, Tensor noise, int axis) {
        return c.add(noise).softmax(axis).log().mean().neg();
    }

    /** Returns a copy of W, row after row. */
    float[] layer() {
        return Tensors.toFloats(layer);
    }

    /** Returns a copy of H, row after row. */
    float[] head() {
        return Tensors.toFloats(head);
    }

    @Override
    public void close() {
        layerAdam.close();
        headAdam.close();
        layer.close();
        head.close();
    }
}
