package dev.lapidary.sparsity;

/**
 * Keeps the largest |W|·‖x‖, with the norm of the input that the weight multiplies.
 *
 * @see <a href="https://arxiv.org/abs/2306.11695">Sun et al., A simple and effective pruning approach for large language models,
 *     ICLR 2024</a>
 */
public final class Wanda implements OneShotMethod {
    @Override
    public String name() {
        return "wanda";
    }

    @Override
    public String summary() {
        return "the largest products of weight and input norm";
    }

    @Override
    public boolean needsInputs() {
        return true;
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        return Choice.of(WeightScores.wanda(layer.weight(), layer.inputs().squares(), layer.pattern()));
    }
}
