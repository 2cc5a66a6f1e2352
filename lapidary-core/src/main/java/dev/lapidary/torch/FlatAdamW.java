package dev.lapidary.torch;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.SavedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * AdamW over all parameters of a model, moved into one flat tensor of which the parameters, and their gradients, are views.
 *
 * <p>A step walks through the flat tensors in pieces that stay in the cache, so that weights, gradients and both moments cross
 * the memory bus once; with one tensor for each parameter and one operation for each line of the formula they would cross it
 * seven times. Matrices come first: weight decay (decoupled) is theirs alone. The state, in a checkpoint, is three tensors.
 *
 * <p>Closing frees the gradients and moments, and lets the parameters be constants again; they keep the flat weights alive.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019</a>
 */
public final class FlatAdamW implements AutoCloseable {
    private static final long PIECE = 1 << 16; // elements

    private final Settings settings;
    private final Tensor weights; // [all], the memory of every parameter
    private final Tensor gradients; // [all], the memory of every gradient
    private final Tensor first; // [all]
    private final Tensor second; // [all]
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Range> ranges;

    /** What does not change from step to step; eps is added to the root. */
    public record Settings(double beta1, double beta2, double eps, double weightDecay, double maxNorm) {}

    /** Takes the parameters' values over; they keep their handles. */
    public FlatAdamW(Collection<Tensor> parameters, Settings settings) {
        this.settings = settings;
        parameters.stream().filter(p -> p.dim() >= 2).forEach(this.parameters::add);
        long decayed = this.parameters.stream().mapToLong(Tensor::numel).sum();
        parameters.stream().filter(p -> p.dim() < 2).forEach(this.parameters::add);
        long all = this.parameters.stream().mapToLong(Tensor::numel).sum();
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            weights = scope.keep(torch.zeros(all));
            gradients = scope.keep(torch.zeros(all));
            first = scope.keep(torch.zeros(all));
            second = scope.keep(torch.zeros(all));
            long at = 0;
            for (Tensor parameter : this.parameters) {
                Tensor own = weights.narrow(0, at, parameter.numel()).view_as(parameter);
                own.copy_(parameter);
                parameter.__dispatch_set_data(own);
                parameter.set_requires_grad(true);
                parameter
                        .mutable_grad()
                        .put(gradients.narrow(0, at, parameter.numel()).view_as(parameter));
                at += parameter.numel();
            }
        }
        ranges = ranges(decayed, all);
    }

    /**
     * Takes a step on the gradients that have come together, clipped to the greatest norm, and empties them. Returns the norm.
     *
     * @param crew shares the work; null to do it in this thread. Either way the bytes are the same where operations have one thread
     */
    public double step(long number, double rate, @Nullable TorchCrew crew) {
        double[] squares = new double[ranges.size()];
        each(crew, range -> squares[range] = squares(ranges.get(range)));
        double norm = Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum)); // in this order, not compensated
        try (var scope = TorchScope.open()) {
            Factors factors = factors(number, rate, norm);
            each(crew, range -> update(factors, ranges.get(range)));
        }
        return norm;
    }

    private Factors factors(long number, double rate, double norm) {
        double clip = norm > settings.maxNorm() ? settings.maxNorm() / norm : 1;
        double rootCorrection = Math.sqrt(1 - Math.pow(settings.beta2(), number));
        return new Factors(
                new Scalar(clip),
                new Scalar(1 - settings.beta1()),
                new Scalar(settings.beta2()),
                new Scalar(1 - settings.beta2()),
                new Scalar(1 / rootCorrection),
                new Scalar(settings.eps()),
                new Scalar(-rate / (1 - Math.pow(settings.beta1(), number))),
                new Scalar(1 - rate * settings.weightDecay()));
    }

    /** Does something for every range, each thread for a row of neighbours. */
    private void each(@Nullable TorchCrew crew, IntConsumer work) {
        int threads = crew == null ? 1 : crew.threads();
        List<Future<Boolean>> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int from = ranges.size() * thread / threads;
            int to = ranges.size() * (thread + 1) / threads;
            if (crew == null) {
                row(from, to, work);
            } else {
                running.add(crew.submit(() -> row(from, to, work)));
            }
        }
        running.forEach(TorchCrew::result);
    }

    private static boolean row(int from, int to, IntConsumer work) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            for (int range = from; range < to; range++) {
                work.accept(range);
            }
        }
        return true;
    }

    private double squares(Range range) {
        try (var scope = TorchScope.open()) {
            double norm = gradients.narrow(0, range.from(), range.size()).norm().item_double();
            return norm * norm;
        }
    }

    /** Neighbours that all decay or all do not. */
    private record Range(long from, long size, boolean decays) {}

    private static List<Range> ranges(long decayed, long all) {
        List<Range> ranges = new ArrayList<>();
        for (long from = 0; from < all; ) {
            long size = Math.min(PIECE, (from < decayed ? decayed : all) - from);
            ranges.add(new Range(from, size, from < decayed));
            from += size;
        }
        return ranges;
    }

    /** The numbers of one step's update. */
    private record Factors(
            Scalar clip,
            Scalar newFirst,
            Scalar oldSecond,
            Scalar newSecond,
            Scalar rootFactor,
            Scalar eps,
            Scalar rate,
            Scalar decay) {}

    private void update(Factors f, Range range) {
        long from = range.from();
        long size = range.size();
        try (var scope = TorchScope.open()) {
            Tensor g = gradients.narrow(0, from, size).mul_(f.clip());
            Tensor w = weights.narrow(0, from, size);
            Tensor m = first.narrow(0, from, size).lerp_(g, f.newFirst());
            Tensor v = second.narrow(0, from, size).mul_(f.oldSecond()).addcmul_(g, g, f.newSecond());
            if (range.decays()) {
                w.mul_(f.decay());
            }
            w.addcdiv_(m, v.sqrt().mul_(f.rootFactor()).add_(f.eps()), f.rate());
            g.zero_();
        }
    }

    /** Weights and moments, over live memory. */
    public List<TensorView> state() {
        return List.of(view("weights", weights), view("firstMoment", first), view("secondMoment", second));
    }

    private static TensorView view(String name, Tensor tensor) {
        return new TensorView(name, DType.F32, List.of(tensor.numel()), Tensors.segment(tensor));
    }

    /** Puts back what {@link #state} returned. */
    public void restore(SavedState saved) {
        Map.of("weights", weights, "firstMoment", first, "secondMoment", second)
                .forEach((name, tensor) -> saved.copy(name, Tensors.segment(tensor)));
    }

    @Override
    public void close() {
        try (var scope = TorchScope.open()) {
            for (Tensor parameter : parameters) {
                parameter.mutable_grad().put(new Tensor());
                parameter.set_requires_grad(false);
            }
        }
        weights.close();
        gradients.close();
        first.close();
        second.close();
    }
}
