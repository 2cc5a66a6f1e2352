package dev.lapidary.nn;

import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Multi-head attention: softmax(q·kᵀ/√headWidth)·v of every head, projected: [batch, length, width] to the same shape.
 *
 * <p>Parameters: the {@link Linear} layers {@code query}, {@code key}, {@code value} and {@code output}, all [width, width].
 *
 * <p>Written out, so that probabilities can be read and second derivatives taken; it holds all pairs of positions at once.
 *
 * @param heads divides the width
 * @param causal whether a position sees itself and earlier ones only
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al., Attention is all you need, NeurIPS 2017</a>
 */
public record Attention(String name, int width, int heads, boolean causal) implements Layer {
    /** Checks the sizes. */
    public Attention {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "the width of " + name + " must be a multiple of its heads; got " + width + " and " + heads);
        }
    }

    /**
     * What was attended to.
     *
     * @param output [batch, queries, width]
     * @param probabilities [batch, heads, queries, keys], which sum to 1 over the keys
     */
    public record Attended(Tensor output, Tensor probabilities) {}

    private Linear projection(String part) {
        return Linear.of(name + "." + part, width, width).withStart(Initialiser.xavierUniform());
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of("query", "key", "value", "output")
                .flatMap(part -> projection(part).parameters().stream())
                .toList();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        try (var scope = TorchScope.open()) {
            return scope.keep(attend(forward, x, x).output());
        }
    }

    /**
     * Lets queries attend to a memory.
     *
     * @param x [batch, queries, width]
     * @param memory [batch, keys, width]; x itself for self-attention, which alone may be causal
     */
    public Attended attend(Forward forward, Tensor x, Tensor memory) {
        if (causal && memory.size(1) != x.size(1)) {
            throw new IllegalArgumentException("causal attention of " + name + " needs as many keys as queries; got "
                    + memory.size(1) + " and " + x.size(1));
        }
        try (var scope = TorchScope.open()) {
            Tensor q = heads(projection("query").apply(forward, x)); // [batch, heads, queries, headWidth]
            Tensor k = heads(projection("key").apply(forward, memory));
            Tensor v = heads(projection("value").apply(forward, memory));
            Tensor scores =
                    q.mul(new Scalar(1 / Math.sqrt((double) width / heads))).matmul(k.transpose(2, 3));
            if (causal) {
                Tensor later = torch.ones(x.size(1), x.size(1)).triu(1).gt(new Scalar(0));
                scores = scores.masked_fill(later, new Scalar(Double.NEGATIVE_INFINITY));
            }
            Tensor probabilities = scores.softmax(-1); // [batch, heads, queries, keys]
            Tensor mixed = probabilities.matmul(v).transpose(1, 2).reshape(x.size(0), x.size(1), width);
            Tensor output = projection("output").apply(forward, mixed);
            return new Attended(scope.keep(output), scope.keep(probabilities));
        }
    }

    private Tensor heads(Tensor projected) {
        return projected
                .view(projected.size(0), projected.size(1), heads, width / heads)
                .transpose(1, 2);
    }
}
