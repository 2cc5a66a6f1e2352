package dev.lapidary.language;

import dev.lapidary.torch.Tensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Causal attention: softmax(q·kᵀ/√headWidth)·v over this and earlier positions. */
final class Attention {
    private Attention() {}

    /**
     * Attends.
     *
     * @param q [batch, length, heads, headWidth]
     * @param k and v [batch, length, keyValueHeads, headWidth]
     * @param cache takes k and v of a layer and gives those of all positions so far
     * @return [batch, length, heads·headWidth]
     */
    static Tensor of(Tensor q, Tensor k, Tensor v, int layer, @Nullable KeyValueCache cache) {
        long batch = q.size(0);
        long length = q.size(1);
        Tensor queries = q.transpose(1, 2); // [batch, heads, length, headWidth]
        Tensor keys = k.transpose(1, 2);
        Tensor values = v.transpose(1, 2);
        long past = 0;
        if (cache != null) {
            past = cache.length();
            keys = cache.keys(layer, keys);
            values = cache.values(layer, values);
        }
        boolean causal = past == 0 && length > 1;
        TensorOptional mask = past > 0 && length > 1 ? new TensorOptional(mask(length, past)) : new TensorOptional();
        boolean grouped = q.size(2) != k.size(2);
        return torch.scaled_dot_product_attention(
                        queries, keys, values, mask, 0.0, causal, new DoubleOptional(), grouped)
                .transpose(1, 2)
                .reshape(batch, length, q.size(2) * q.size(3));
    }

    /** 0 where a query may look and −∞ elsewhere, [length, past + length]. */
    private static Tensor mask(long length, long past) {
        int columns = Math.toIntExact(past + length);
        float[] mask = new float[Math.toIntExact(length * columns)];
        for (int row = 0; row < length; row++) {
            for (int column = (int) past + row + 1; column < columns; column++) {
                mask[row * columns + column] = Float.NEGATIVE_INFINITY;
            }
        }
        return Tensors.of(mask, length, columns);
    }
}
