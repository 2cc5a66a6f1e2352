package dev.lapidary.sparsity;

import java.util.Map;

/** Keeps the largest W²/U² with U the Cholesky factor of the inverse Hessian of the layer's inputs; weights unchanged. */
public final class SparseGptMask implements OneShotMethod {
    /** The name on the command line and in files. */
    public static final String NAME = "sparsegpt";

    static final String DAMP = "damp";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "the least loss by the inverse Hessian of the layer's inputs";
    }

    @Override
    public boolean needsInputs() {
        return true;
    }

    @Override
    public Map<String, String> noted(OneShotSettings settings) {
        return Map.of(DAMP, Double.toString(settings.damp()));
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        return Choice.of(SparseGpt.choose(layer.weight(), layer.factor(), layer.pattern())
                .codes());
    }
}
