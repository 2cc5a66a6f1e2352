package dev.lapidary.optim;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Parameters, moved into one flat tensor of which they, and their gradients, are views; and the moments beside it.
 *
 * <p>A step walks through the flat tensors in pieces that stay in the cache, so that weights, gradients and moments cross the memory
 * bus once; with one tensor for each parameter and one operation for each line of the formula they would cross it many times.
 * Matrices come first: weight decay is theirs alone.
 */
final class FlatParameters implements AutoCloseable {
    private static final long PIECE = 1 << 16; // elements

    private final List<Tensor> parameters = new ArrayList<>(); // matrices first
    private final List<String> names = new ArrayList<>(); // of what is saved
    private final List<Tensor> saved =
            new ArrayList<>(); // each [all]; first the weights, the memory of every parameter
    private final Tensor gradients; // [all], the memory of every gradient
    private final List<Piece> pieces;

    /** Neighbours in the flat tensors that all decay or all do not. */
    record Piece(long from, long size, boolean decays) {
        Tensor of(Tensor flat) {
            return flat.narrow(0, from, size);
        }
    }

    /** Takes the parameters' values over, and makes moments of these names, all 0. */
    FlatParameters(Collection<Tensor> all, String... moments) {
        all.stream().filter(p -> p.dim() >= 2).forEach(parameters::add);
        long decayed = count();
        all.stream().filter(p -> p.dim() < 2).forEach(parameters::add);
        ScalarType type = type();
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            names.add("weights");
            names.addAll(List.of(moments));
            names.forEach(name -> saved.add(scope.keep(torch.zeros(count()).to(type))));
            gradients = scope.keep(torch.zeros(count()).to(type));
            move();
        }
        pieces = pieces(decayed, count());
    }

    private ScalarType type() {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("an optimiser must have parameters; got none");
        }
        ScalarType type = parameters.getFirst().scalar_type().intern(); // the enum's own constant
        for (Tensor parameter : parameters) {
            ScalarType own = parameter.scalar_type().intern();
            if (own != type || !(own == ScalarType.Float || own == ScalarType.Double)) {
                throw new IllegalArgumentException(
                        "parameters must be all float32 or all float64; got " + type + " and " + own);
            }
        }
        return type;
    }

    private void move() {
        long at = 0;
        for (Tensor parameter : parameters) {
            Tensor own = weights().narrow(0, at, parameter.numel()).view_as(parameter);
            own.copy_(parameter);
            parameter.__dispatch_set_data(own);
            parameter.set_requires_grad(true);
            parameter
                    .mutable_grad()
                    .put(gradients.narrow(0, at, parameter.numel()).view_as(parameter));
            at += parameter.numel();
        }
    }

    private static List<Piece> pieces(long decayed, long all) {
        List<Piece> pieces = new ArrayList<>();
        for (long from = 0; from < all; ) {
            long size = Math.min(PIECE, (from < decayed ? decayed : all) - from);
            pieces.add(new Piece(from, size, from < decayed));
            from += size;
        }
        return pieces;
    }

    private long count() {
        return parameters.stream().mapToLong(Tensor::numel).sum();
    }

    Tensor weights() {
        return saved.getFirst();
    }

    Tensor gradients() {
        return gradients;
    }

    /** The moment of the name that was given at this place, from 0. */
    Tensor moment(int place) {
        return saved.get(1 + place);
    }

    /** Returns the norm of all gradients together. */
    double norm(@Nullable TorchCrew crew) {
        double[] squares = new double[pieces.size()];
        each(crew, piece -> squares[piece] = squares(pieces.get(piece)));
        return Math.sqrt(Arrays.stream(squares).reduce(0, Double::sum)); // in this order, not compensated
    }

    private double squares(Piece piece) {
        try (var scope = TorchScope.open()) {
            double norm = piece.of(gradients).norm().item_double();
            return norm * norm;
        }
    }

    /** Returns the factor that brings a norm down to a limit. */
    static double clip(double norm, double limit) {
        return norm > limit ? limit / norm : 1;
    }

    /** Refuses a limit of the gradient's norm that is not above 0; infinity is none. */
    static void requireLimit(double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("the gradient's greatest norm must be above 0; got " + limit);
        }
    }

    /** Updates every piece, without autograd and in a scope of its own. */
    void update(@Nullable TorchCrew crew, Consumer<Piece> update) {
        each(crew, piece -> {
            try (var scope = TorchScope.open()) {
                update.accept(pieces.get(piece));
            }
        });
    }

    /** Does something for every piece, each thread for a row of neighbours. */
    private void each(@Nullable TorchCrew crew, IntConsumer work) {
        int threads = crew == null ? 1 : crew.threads();
        List<Future<Boolean>> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int from = pieces.size() * thread / threads;
            int to = pieces.size() * (thread + 1) / threads;
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
            for (int piece = from; piece < to; piece++) {
                work.accept(piece);
            }
        }
        return true;
    }

    List<TensorView> state() {
        DType type = weights().element_size() == Double.BYTES ? DType.F64 : DType.F32;
        List<TensorView> views = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Tensor tensor = saved.get(i);
            views.add(new TensorView(names.get(i), type, List.of(tensor.numel()), Tensors.segment(tensor)));
        }
        return views;
    }

    void restore(SavedState from) {
        for (int i = 0; i < names.size(); i++) {
            from.copy(names.get(i), Tensors.segment(saved.get(i)));
        }
    }

    @Override
    public void close() {
        try (var scope = TorchScope.open()) {
            for (Tensor parameter : parameters) {
                parameter.mutable_grad().put(new Tensor());
                parameter.set_requires_grad(false);
            }
        }
        saved.forEach(Tensor::close); // the parameters keep the flat weights alive
        gradients.close();
    }
}
