package dev.lapidary.optim;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.Collection;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Gradient descent with momentum, as torch.optim.SGD without dampening: with the clipped gradient g plus decay·w, and the velocity u
 * that begins at 0,
 *
 * <pre>
 * u = momentum·u + g
 * w = w − rate·u               or, after Nesterov, w − rate·(g + momentum·u)
 * </pre>
 *
 * @see <a href="https://proceedings.mlr.press/v28/sutskever13.html">Sutskever et al., On the importance of initialization and momentum
 *     in deep learning, ICML 2013</a>
 */
public final class Sgd implements Optimiser {
    private final FlatParameters flat;
    private final SgdSettings settings;
    private final double maxNorm;

    /**
     * Takes the parameters' values over.
     *
     * @param maxNorm the greatest norm of all gradients together; infinity for no clipping
     */
    public Sgd(Collection<Tensor> parameters, SgdSettings settings, double maxNorm) {
        FlatParameters.requireLimit(maxNorm);
        this.settings = settings;
        this.maxNorm = maxNorm;
        flat = settings.momentum() == 0 ? new FlatParameters(parameters) : new FlatParameters(parameters, "velocity");
    }

    /** Takes the parameters' values over and does not clip. */
    public Sgd(Collection<Tensor> parameters, SgdSettings settings) {
        this(parameters, settings, Double.POSITIVE_INFINITY);
    }

    @Override
    public double step(long number, double rate, @Nullable TorchCrew crew) {
        double norm = flat.norm(crew);
        try (var scope = TorchScope.open()) {
            Factors factors = new Factors(
                    new Scalar(FlatParameters.clip(norm, maxNorm)),
                    new Scalar(settings.weightDecay()),
                    new Scalar(settings.momentum()),
                    new Scalar(-rate));
            flat.update(crew, piece -> update(factors, piece));
        }
        return norm;
    }

    /** The numbers of one step's update. */
    private record Factors(Scalar clip, Scalar decay, Scalar momentum, Scalar rate) {}

    private void update(Factors f, FlatParameters.Piece piece) {
        Tensor g = piece.of(flat.gradients()).mul_(f.clip());
        Tensor w = piece.of(flat.weights());
        if (piece.decays() && settings.weightDecay() > 0) {
            g.add_(w, f.decay());
        }
        if (settings.momentum() == 0) {
            w.add_(g, f.rate());
        } else {
            Tensor u = piece.of(flat.moment(0)).mul_(f.momentum()).add_(g);
            w.add_(settings.nesterov() ? g.add_(u, f.momentum()) : u, f.rate());
        }
        g.zero_();
    }

    @Override
    public List<TensorView> state() {
        return flat.state();
    }

    @Override
    public void restore(SavedState saved) {
        flat.restore(saved);
    }

    @Override
    public void close() {
        flat.close();
    }
}
