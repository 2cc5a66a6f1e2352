package dev.lapidary.sparsity;

/** Keeps the largest |W|; looks at no text. */
public final class Magnitude implements OneShotMethod {
    @Override
    public String name() {
        return "magnitude";
    }

    @Override
    public String summary() {
        return "the largest weights";
    }

    @Override
    public boolean needsInputs() {
        return false;
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        return Choice.of(WeightScores.magnitude(layer.weight(), layer.pattern()));
    }
}
