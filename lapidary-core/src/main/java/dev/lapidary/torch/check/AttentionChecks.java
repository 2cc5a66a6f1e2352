package dev.lapidary.torch.check;

import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Scaled dot product attention, forward and backward: full, causal and masked, heads that share keys, both orders of the axes. */
final class AttentionChecks {
    private static final int CASES = 9;
    private static final int LONGEST = 75; // more than two blocks of the fused kernel
    private static final int WIDEST = 70;
    private static final int KINDS = 3;

    private AttentionChecks() {}

    static List<CheckedOperation> all() {
        return List.of(new CheckedOperation("attention", NumberType.F32, AttentionChecks::attention));
    }

    private static void attention(Trial trial) {
        for (int round = 0; round < CASES; round++) {
            int texts = trial.size(2);
            int keyHeads = trial.size(2);
            int shared = trial.size(2); // heads that share keys
            int heads = keyHeads * shared;
            int keys = trial.size(LONGEST);
            int width = trial.size(WIDEST);
            boolean masked = round % KINDS == 2;
            int queries = masked ? trial.size(LONGEST) : keys;
            boolean causal = round % KINDS == 1;
            boolean contiguous = round % 2 == 1;
            Operand q = trial.normal("query", texts, queries, heads, width);
            Operand k = trial.normal("key", texts, keys, keyHeads, width);
            Operand v = trial.normal("value", texts, keys, keyHeads, width);
            PlainAttention plain = new PlainAttention(texts, queries, keys, heads, keyHeads, width, causal);
            Operand[] operands = masked ? new Operand[] {q, k, v, mask(queries, keys)} : new Operand[] {q, k, v};
            String kind = (causal ? "causal" : masked ? "masked" : "full") + (contiguous ? ", contiguous" : "");
            trial.compare(kind, x -> call(x, causal, contiguous, shared > 1), plain, operands);
        }
    }

    /** As with a cache: the last query sees every key, each earlier one a key less, but all see the first one. */
    private static Operand mask(int queries, int keys) {
        double[] mask = new double[queries * keys];
        for (int i = 0; i < mask.length; i++) {
            int row = i / keys;
            int column = i % keys;
            mask[i] = column > 0 && column > keys - queries + row ? Double.NEGATIVE_INFINITY : 0;
        }
        return Operand.of("mask", mask, queries, keys).fixed();
    }

    private static Tensor[] call(Tensor[] x, boolean causal, boolean contiguous, boolean shared) {
        Tensor[] turned = new Tensor[3]; // [texts, heads, length, width]
        for (int i = 0; i < turned.length; i++) {
            turned[i] = contiguous ? x[i].transpose(1, 2).contiguous() : x[i].transpose(1, 2);
        }
        TensorOptional mask = x.length > 3 ? new TensorOptional(x[3]) : new TensorOptional();
        Tensor output = torch.scaled_dot_product_attention(
                turned[0], turned[1], turned[2], mask, 0.0, causal, new DoubleOptional(), shared);
        return new Tensor[] {output.transpose(1, 2)};
    }
}
