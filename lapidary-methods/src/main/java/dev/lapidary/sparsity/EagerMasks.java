package dev.lapidary.sparsity;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.relax.GumbelSoftmax;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.kernel.AdamStep;
import dev.lapidary.sparsity.kernel.Sample;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Learns the N:M mask of one weight operation by operation in PyTorch, as published, with autograd and PyTorch's own AdamW: the
 * twin that {@link dev.lapidary.sparsity.kernel.MaskKernel} is tested and timed against, and the way on a device that the
 * kernel does not reach, where all tensors must lie.
 *
 * <p>Shapes, float32 or float64 alike: logits and noise [groups, patterns], weight and its masked form [out, in] with
 * out·in = groups·M. The published step's logging (largest probabilities, change of the mask) is left out. Tensors that are
 * returned belong to the open {@link TorchScope}, else to the caller; closing frees logits and moments.
 *
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a>
 */
public final class EagerMasks implements AutoCloseable {
    private final TorchScope scope = TorchScope.open();
    private final Tensor logits; // [groups, patterns]
    private final Tensor patterns; // [patterns, M], 0 and 1
    private final AdamWOptions options;
    private final AdamW optimizer;

    /** Copies the logits [groups, patterns] to train them; the settings are those of the rule. */
    public EagerMasks(SparsityPattern pattern, Tensor logits, AdamStep rule) {
        this.logits = logits.detach().clone().set_requires_grad(true);
        patterns = Tensors.of(matrix(pattern)).to(logits.device(), logits.scalar_type());
        AdamSettings settings = rule.settings();
        options = new AdamWOptions(rule.rate());
        options.eps().put(settings.epsilon());
        options.weight_decay().put(settings.weightDecay());
        DoublePointer betas = options.betas(); // a std::tuple, which libstdc++ lays out last element first
        betas.put(0, settings.beta2()).put(1, settings.beta1());
        optimizer = new AdamW(new TensorVector(this.logits), options);
    }

    private static double[][] matrix(SparsityPattern pattern) {
        double[][] rows = new double[pattern.count()][pattern.of()];
        for (int code = 0; code < rows.length; code++) {
            for (int k = 0; k < pattern.of(); k++) {
                rows[code][k] = pattern.keeps(code, k) ? 1 : 0;
            }
        }
        return rows;
    }

    /** Draws fresh standard Gumbel noise [groups, patterns] from PyTorch's generator. */
    public Tensor noise() {
        try (var step = TorchScope.open()) {
            Tensor exponential = torch.empty_like(logits.detach());
            exponential.exponential_();
            return step.keep(exponential.log().neg());
        }
    }

    /** Returns the sampled mask in the weight's shape, differentiable in the logits. */
    public Tensor mask(Tensor weight, Tensor noise, Sample sample) {
        try (var step = TorchScope.open()) {
            GumbelSoftmax choice = new GumbelSoftmax(sample.tau(), -1, sample.hard());
            Tensor chances = choice.sample(logits.mul(new Scalar((double) sample.kappa())), noise);
            return step.keep(chances.matmul(patterns).reshape(Tensors.shape(weight)));
        }
    }

    /** Returns the weight times a sampled mask, differentiable in the logits. */
    public Tensor masked(Tensor weight, Tensor noise, Sample sample) {
        try (var step = TorchScope.open()) {
            return step.keep(weight.mul(mask(weight, noise, sample)));
        }
    }

    /**
     * Sets the gradient of the logits.
     *
     * @param masked what {@link #masked} returned
     * @param maskedGradient gradient of the loss by it, without the reward
     * @param reward strength λ of the reward −λ·Σ masked²
     * @return the sum of the gradient's squares
     */
    public double backward(Tensor masked, Tensor maskedGradient, double reward) {
        try (var step = TorchScope.open()) {
            optimizer.zero_grad();
            Tensor upstream =
                    reward == 0 ? maskedGradient : maskedGradient.sub(masked.detach(), new Scalar(2 * reward));
            masked.backward(upstream, new BoolOptional(), false, new TensorArrayRefOptional());
            return logits.grad().square().sum().item().toDouble();
        }
    }

    /** Takes a step on the gradient that {@link #backward} set, times the clip factor. */
    public void update(AdamStep rule) {
        try (var step = TorchScope.open();
                NoGradGuard still = new NoGradGuard()) {
            if (rule.clip() != 1) {
                logits.grad().mul_(new Scalar(rule.clip()));
            }
            optimizer.param_groups().get(0).options().set_lr(rule.rate());
            optimizer.step();
        }
    }

    /** Takes a step on a given gradient [groups, patterns], times the clip factor. */
    void update(Tensor gradient, AdamStep rule) {
        try (var step = TorchScope.open()) {
            optimizer.zero_grad();
            logits.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
        }
        update(rule);
    }

    /** The logits as they stand, [groups, patterns]. */
    public double[] logits() {
        return Tensors.toDoubles(logits.detach());
    }

    /** The gradient that {@link #backward} set, [groups, patterns]. */
    public double[] gradient() {
        return Tensors.toDoubles(logits.grad());
    }

    @Override
    public void close() {
        scope.close();
    }
}
