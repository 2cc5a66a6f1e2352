package dev.lapidary.sparsity;

import dev.lapidary.linear.PatternMask;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.TorchScope;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Prunes the weights of one block with one method; weights that share their inputs share one factorisation. */
final class LayerPruner implements AutoCloseable {
    private final OneShotMethod method;
    private final SparsityPattern pattern;
    private final OneShotSettings settings;

    @SuppressWarnings("IdentityHashMapUsage")
    private final Map<InputGram, HessianFactor> factors = new IdentityHashMap<>();

    LayerPruner(OneShotMethod method, SparsityPattern pattern, OneShotSettings settings) {
        this.method = method;
        this.pattern = pattern;
        this.settings = settings;
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
            OneShotMethod.Choice choice =
                    method.choose(new OneShotLayer(name, weight, gram, pattern, settings, this::factor));
            LayerMask mask = new LayerMask(name, (int) weight.size(0), (int) weight.size(1), pattern, choice.codes());
            PatternMask places = mask.places();
            Tensor kept = places.masked(weight);
            Tensor result = changed(choice).map(places::masked).orElse(kept);
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

    /** The new weights, which a method brings where it says so. */
    private Optional<Tensor> changed(OneShotMethod.Choice choice) {
        Tensor weights = choice.weights();
        if (method.changesWeights() != (weights != null)) {
            throw new IllegalStateException("a method must bring new weights where it says so; got "
                    + (weights == null ? "none from " : "some from ") + method.name());
        }
        return Optional.ofNullable(weights).map(brought -> brought.to(ScalarType.Float));
    }

    private HessianFactor factor(InputGram gram) {
        return factors.computeIfAbsent(gram, sums -> {
            try (TorchScope scope = TorchScope.open()) {
                HessianFactor factor = HessianFactor.of(sums.hessian(), settings.damp());
                return new HessianFactor(TorchScope.hold(factor.upper()), factor.dead());
            }
        });
    }

    @Override
    public void close() {
        factors.values().forEach(factor -> factor.upper().close());
    }
}
