package dev.lapidary.estimator;

import dev.lapidary.nn.Layer;
import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A baseline of each row's own: a net C of the context plus a running centre c, fitted by squared error.
 *
 * <pre>
 * signal = (loss − C(context) − c)/max(1, √v),   or without the division
 * </pre>
 *
 * <p>with running mean c and variance v of loss − C. The division by √v scales the gradient, so that one learning rate serves the
 * whole training; without it the estimate is unbiased. It must be off where logits also get gradients that the estimator does not see,
 * such as those of an exact divergence: these would outweigh what is divided. One net serves all choices of a program, where the paper
 * has one of each layer. A state of its own: one object serves one training.
 *
 * @see <a href="https://arxiv.org/abs/1402.0030">Mnih and Gregor, Neural variational inference and learning in belief networks, ICML
 *     2014, algorithm 1</a>
 */
public final class LearnedBaseline implements Baseline {
    private final Layer net;
    private final boolean scaled;
    private final RunningMean centre;
    private final RunningMean variance;

    /**
     * Makes a baseline that has seen nothing.
     *
     * @param net [rows, width] to [rows, 1], with parameters under names that begin with {@code estimator}
     * @param keep share of the earlier mean and variance that a step keeps, in [0, 1)
     * @param scaled whether signals are divided by their deviation where that is above 1
     */
    public LearnedBaseline(Layer net, double keep, boolean scaled) {
        this.net = net;
        this.scaled = scaled;
        centre = new RunningMean(keep);
        variance = new RunningMean(keep);
    }

    @Override
    public List<Parameter> parameters() {
        return net.parameters();
    }

    @Override
    public Signal signal(Tensor losses, Pass pass) {
        try (var scope = TorchScope.open()) {
            Tensor rest = losses.sub(net.apply(pass.forward(), pass.context()).squeeze(-1)); // [rows]
            double mean = rest.mean().item_double();
            double squares = rest.detach().square().mean().item_double() - mean * mean;
            double before = pass.step() == 0 ? mean : centre.mean();
            double divisor = scaled ? Math.max(1, Math.sqrt(pass.step() == 0 ? squares : variance.mean())) : 1;
            Tensor signal = rest.sub(new Scalar(before)).div(new Scalar(divisor));
            centre.observe(mean);
            variance.observe(squares);
            return new Signal(scope.keep(signal.detach()), scope.keep(signal.square().mean()));
        }
    }
}
