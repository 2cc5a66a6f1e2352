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

/** AdamW over all parameters of a model; the formula is that of {@link AdamSettings}. The state, in a checkpoint, is three tensors. */
public final class AdamW implements Optimiser {
    private final FlatParameters flat;
    private final AdamSettings settings;
    private final double maxNorm;

    /**
     * Takes the parameters' values over.
     *
     * @param maxNorm the greatest norm of all gradients together; infinity for no clipping
     */
    public AdamW(Collection<Tensor> parameters, AdamSettings settings, double maxNorm) {
        FlatParameters.requireLimit(maxNorm);
        this.settings = settings;
        this.maxNorm = maxNorm;
        flat = new FlatParameters(parameters, "firstMoment", "secondMoment");
    }

    /** Takes the parameters' values over and does not clip. */
    public AdamW(Collection<Tensor> parameters, AdamSettings settings) {
        this(parameters, settings, Double.POSITIVE_INFINITY);
    }

    @Override
    public double step(long number, double rate, @Nullable TorchCrew crew) {
        double norm = flat.norm(crew);
        try (var scope = TorchScope.open()) {
            Factors factors = factors(number, rate, norm);
            flat.update(crew, piece -> update(factors, piece));
        }
        return norm;
    }

    /** The numbers of one step's update. */
    private record Factors(
            Scalar clip,
            Scalar newFirst,
            Scalar oldSecond,
            Scalar newSecond,
            Scalar rootFactor,
            Scalar epsilon,
            Scalar rate,
            Scalar decay) {}

    private Factors factors(long number, double rate, double norm) {
        double rootCorrection = Math.sqrt(1 - Math.pow(settings.beta2(), (double) number));
        return new Factors(
                new Scalar(FlatParameters.clip(norm, maxNorm)),
                new Scalar(1 - settings.beta1()),
                new Scalar(settings.beta2()),
                new Scalar(1 - settings.beta2()),
                new Scalar(1 / rootCorrection),
                new Scalar(settings.epsilon()),
                new Scalar(-rate / (1 - Math.pow(settings.beta1(), (double) number))),
                new Scalar(1 - rate * settings.weightDecay()));
    }

    private void update(Factors f, FlatParameters.Piece piece) {
        Tensor g = piece.of(flat.gradients()).mul_(f.clip());
        Tensor w = piece.of(flat.weights());
        Tensor m = piece.of(flat.moment(0)).lerp_(g, f.newFirst());
        Tensor v = piece.of(flat.moment(1)).mul_(f.oldSecond()).addcmul_(g, g, f.newSecond());
        if (piece.decays()) {
            w.mul_(f.decay());
        }
        w.addcdiv_(m, v.sqrt().mul_(f.rootFactor()).add_(f.epsilon()), f.rate());
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
