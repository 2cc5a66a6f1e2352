package dev.lapidary.concept.bottleneck;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The published training step, operation by operation in PyTorch with autograd and its own two optimisers: what the fused step is
 * tested and timed against.
 *
 * <p>Shapes: layer W [M, M], head H [K, M], scores [B, M], float32 or float64. Closing frees the layers and the optimisers' state.
 */
public final class EagerBottleneck implements AutoCloseable {
    /** The loss on bottleneck scores; receives scores S, bottleneck scores c = S·Wᵀ and the layer W. */
    public interface LayerLoss {
        /** A scalar that is differentiable in c or W. */
        Tensor of(Tensor scores, Tensor c, Tensor layer);
    }

    /** Cross-entropy and layer loss before the update. */
    public record Losses(double crossEntropy, double layerLoss) {}

    private final TorchScope scope = TorchScope.open();
    private final Tensor layer;
    private final Tensor head;
    private final LayerLoss layerLoss;
    private final Optimizer layerOptimizer;
    private final Optimizer headOptimizer;

    private EagerBottleneck(
            Tensor layer, Tensor head, LayerLoss layerLoss, boolean adam, double layerRate, double headRate) {
        this.layer = layer.clone().set_requires_grad(true);
        this.head = head.clone().set_requires_grad(true);
        this.layerLoss = layerLoss;
        this.layerOptimizer = optimizer(this.layer, adam, layerRate);
        this.headOptimizer = optimizer(this.head, adam, headRate);
    }

    /** Copies the layers and trains them with Adam (β 0.9 and 0.999, ε 1e-8). */
    public static EagerBottleneck adam(Tensor layer, Tensor head, LayerLoss loss, double layerRate, double headRate) {
        return new EagerBottleneck(layer, head, loss, true, layerRate, headRate);
    }

    /** Copies the layers and trains them with plain gradient descent. */
    public static EagerBottleneck sgd(Tensor layer, Tensor head, LayerLoss loss, double layerRate, double headRate) {
        return new EagerBottleneck(layer, head, loss, false, layerRate, headRate);
    }

    private static Optimizer optimizer(Tensor parameter, boolean adam, double rate) {
        TensorVector parameters = new TensorVector(parameter);
        return adam ? new Adam(parameters, new AdamOptions(rate)) : new SGD(parameters, new SGDOptions(rate));
    }

    /** Takes one step on scores [B, M] with labels [B] and returns the losses before it; one backward call of their sum. */
    public Losses step(Tensor scores, Tensor labels) {
        try (TorchScope step = TorchScope.open()) {
            zeroGradients();
            Tensor c = torch.linear(scores, layer);
            Tensor own = layerLoss.of(scores, c, layer);
            Tensor crossEntropy = torch.cross_entropy_loss(torch.linear(c, head), labels);
            own.add(crossEntropy).backward();
            update();
            return new Losses(crossEntropy.item().toDouble(), own.item().toDouble());
        }
    }

    /** Takes one step with the published two backward calls, the first of which keeps the graph; the same gradients. */
    public void stepInTwo(Tensor scores, Tensor labels) {
        try (TorchScope step = TorchScope.open()) {
            zeroGradients();
            Tensor c = torch.linear(scores, layer);
            Tensor z = torch.linear(c, head);
            Tensor own = layerLoss.of(scores, c, layer);
            Tensor crossEntropy = torch.cross_entropy_loss(z, labels);
            own.backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
            crossEntropy.backward();
            update();
        }
    }

    private void zeroGradients() {
        layerOptimizer.zero_grad();
        headOptimizer.zero_grad();
    }

    private void update() {
        layerOptimizer.step();
        headOptimizer.step();
    }

    /** Moves every weight of the layer towards zero by an amount, to exactly zero where it is smaller: the proximal step of l1. */
    public void shrinkLayer(double by) {
        try (TorchScope step = TorchScope.open();
                NoGradGuard still = new NoGradGuard()) {
            Tensor shrunk = layer.sign().mul(layer.abs().sub(new Scalar(by)).clamp_min(new Scalar(0.0)));
            layer.copy_(shrunk);
        }
    }

    /** The layer W as it stands, [M, M]. */
    public double[] layer() {
        return Tensors.toDoubles(layer.detach());
    }

    /** The head H as it stands, [K, M]. */
    public double[] head() {
        return Tensors.toDoubles(head.detach());
    }

    /** No loss on the layer. */
    public static Tensor none(Tensor scores, Tensor c, Tensor layer) {
        return c.sum().mul(new Scalar(0.0));
    }

    @Override
    public void close() {
        scope.close();
    }
}
