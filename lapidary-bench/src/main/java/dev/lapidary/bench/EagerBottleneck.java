package dev.lapidary.bench;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The published training step in eager PyTorch: two linear maps, Gumbel noise and a softmax for each axis, −mean of the
 * logarithm, backward of that with the graph kept, cross-entropy, its backward, two Adam steps. The lean form calls backward
 * once on the sum, which gives the same gradients with one layer product less.
 */
final class EagerBottleneck implements AutoCloseable {
    private final Tensor layer; // [M, M]
    private final Tensor head; // [K, M]
    private final Adam layerAdam;
    private final Adam headAdam;
    private final boolean lean;

    EagerBottleneck(double[] layer, double[] head, int concepts, double layerRate, double headRate, boolean lean) {
        this.lean = lean;
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
            Tensor layerLoss = first.add(second).mul(new Scalar(0.5));
            Tensor entropy = torch.cross_entropy_loss(z, labels);
            if (lean) {
                entropy.add(layerLoss).backward();
            } else {
                layerLoss.backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
                entropy.backward();
            }
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
