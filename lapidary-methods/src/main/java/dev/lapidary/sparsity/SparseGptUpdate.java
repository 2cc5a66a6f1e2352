package dev.lapidary.sparsity;

import java.util.Map;

/**
 * Chooses as {@link SparseGptMask}, column by column, and moves the kept weights so that they make up for the removed ones.
 *
 * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh, SparseGPT, ICML 2023</a>
 */
public final class SparseGptUpdate implements OneShotMethod {
    @Override
    public String name() {
        return "sparsegpt-update";
    }

    @Override
    public String summary() {
        return "the same, and kept weights make up for the removed ones";
    }

    @Override
    public boolean needsInputs() {
        return true;
    }

    @Override
    public boolean changesWeights() {
        return true;
    }

    @Override
    public Map<String, String> noted(OneShotSettings settings) {
        return Map.of(SparseGptMask.DAMP, Double.toString(settings.damp()));
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        SparseGpt.Pruned pruned = SparseGpt.update(layer.weight(), layer.factor(), layer.pattern());
        return new Choice(pruned.codes(), pruned.weights());
    }
}
