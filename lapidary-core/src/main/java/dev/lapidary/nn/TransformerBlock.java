package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * x + attention(norm(x)), then x + mlp(norm(x)): [batch, length, width] to the same shape, with the norms before the branches and GELU in
 * the MLP.
 *
 * <p>Parameters: those of {@code norm1}, {@code attention}, {@code norm2} and {@code mlp}.
 *
 * @param hidden width of the MLP, usually four times the width
 * @param causal whether a position sees itself and earlier ones only
 * @param dropout rate at the end of both branches
 */
public record TransformerBlock(String name, int width, int heads, int hidden, boolean causal, double dropout)
        implements Layer {
    /** Returns a block with an MLP of four times the width and no dropout. */
    public static TransformerBlock of(String name, int width, int heads, boolean causal) {
        return new TransformerBlock(name, width, heads, 4 * width, causal, 0);
    }

    /** Returns the attention, whose probabilities can be read. */
    public Attention attention() {
        return new Attention(name + ".attention", width, heads, causal);
    }

    private Sequential branches() {
        return Sequential.of(
                new Residual(Sequential.of(
                        new LayerNorm(name + ".norm1", width), attention(), new Dropout(name + ".attention", dropout))),
                new Residual(Sequential.of(
                        new LayerNorm(name + ".norm2", width),
                        Mlp.of(name + ".mlp", List.of(width, hidden, width), Activation.GELU),
                        new Dropout(name + ".mlp", dropout))));
    }

    @Override
    public List<Parameter> parameters() {
        return branches().parameters();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        return branches().apply(forward, x);
    }
}
