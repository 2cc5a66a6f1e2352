package dev.lapidary.sparsity;

import dev.lapidary.linear.PatternMask;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.TorchScope;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Prunes the weights of one block with one method; weights that share their inputs share one factorisation. */
final class LayerPruner implements AutoCloseable {
    private final OneShotMethod method;
    private final SparsityPattern pattern;
    private final double damp;

    @SuppressWarnings("IdentityHashMapUsage")
    private final Map<InputGram, HessianFactor> factors = new IdentityHashMap<>();

    LayerPruner(OneShotMethod method, SparsityPattern pattern, double damp) {
        this.method = method;
        this.pattern = pattern;
        this.damp = damp;
    }

    /**
     * What came of one weight.
     *
     * @param pruned the weight as the model now uses it [out, in], float32, 0 where removed; the caller's open scope frees it
     */
    record Pruned(LayerMask mask, Tensor pruned, OneShotResult.Layer report) {}

    Pruned prune(String name, Tensor parameter, @Nullable InputGram gram) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor weight = parameter.detach();
            if (!weight.isfinite().all().item_bool()) {
                throw new InputException("weights must be finite numbers; got one that is not in " + name);
            }
            SparseGpt.Pruned choice = choose(weight, gram);
            LayerMask mask = new LayerMask(name, (int) weight.size(0), (int) weight.size(1), pattern, choice.codes());
            PatternMask places = mask.places();
            Tensor kept = places.masked(weight);
            Tensor result = choice.weights() == null
                    ? kept
                    : places.masked(choice.weights().to(ScalarType.Float));
            double error = gram == null ? Double.NaN : ReconstructionError.relative(weight, result, gram.sum());
            double keptNorm = norm(kept) / Math.max(norm(weight), Double.MIN_NORMAL);
            var report = new OneShotResult.Layer(name, weight.numel(), keptNorm, error);
            return new Pruned(mask, scope.keep(result), report);
        }
    }

    private static double norm(Tensor weight) {
        double norm = weight.norm().item_double();
        return norm * norm;
    }

    private SparseGpt.Pruned choose(Tensor weight, @Nullable InputGram gram) {
        return switch (method) {
            case MAGNITUDE -> codes(WeightScores.magnitude(weight, pattern));
            case WANDA ->
                codes(WeightScores.wanda(weight, Objects.requireNonNull(gram).squares(), pattern));
            case SPARSEGPT -> SparseGpt.choose(weight, factor(gram), pattern);
            case SPARSEGPT_UPDATE -> SparseGpt.update(weight, factor(gram), pattern);
        };
    }

    private static SparseGpt.Pruned codes(byte[] codes) {
        return new SparseGpt.Pruned(codes, null, Double.NaN);
    }

    private HessianFactor factor(@Nullable InputGram gram) {
        return factors.computeIfAbsent(Objects.requireNonNull(gram), sums -> {
            try (TorchScope scope = TorchScope.open()) {
                HessianFactor factor = HessianFactor.of(sums.hessian(), damp);
                return new HessianFactor(TorchScope.hold(factor.upper()), factor.dead());
            }
        });
    }

    @Override
    public void close() {
        factors.values().forEach(factor -> factor.upper().close());
    }
}
