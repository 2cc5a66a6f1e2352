package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.ParameterLayout;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Llama's blocks: x + attention(norm(x)), then x + MLP(norm(x)), with MLP(h) = down(act(gate(h))·up(h)).
 *
 * @see <a href="https://arxiv.org/abs/2302.13971">Touvron et al., LLaMA, 2023</a>
 */
final class LlamaDecoder implements Decoder {
    private final ModelConfig config;
    private final Weights weights;
    private final RotaryTable rotary;

    LlamaDecoder(ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
        this.rotary = new RotaryTable(config);
    }

    @Override
    public Tensor embed(Tensor tokens, long start) {
        return torch.embedding(weights.get(ParameterLayout.embedding(config)), tokens);
    }

    @Override
    public Tensor block(int index, Tensor x, @Nullable KeyValueCache cache, @Nullable LinearInputs observer) {
        String block = ParameterLayout.block(config, index);
        Tensor middle = x.add(attention(block, index, x, cache, observer));
        Tensor h = norm(middle, block + "post_attention_layernorm.weight");
        String mlp = block + "mlp.";
        Tensor gate = Activations.apply(config.activation(), weights.linear(mlp + "gate_proj", h, observer));
        Tensor up = weights.linear(mlp + "up_proj", h, observer);
        return middle.add(weights.linear(mlp + "down_proj", gate.mul(up), observer));
    }

    private Tensor attention(
            String block, int index, Tensor x, @Nullable KeyValueCache cache, @Nullable LinearInputs observer) {
        Tensor h = norm(x, block + "input_layernorm.weight");
        String self = block + "self_attn.";
        Tensor q = heads(weights.linear(self + "q_proj", h, observer), config.heads());
        Tensor k = heads(weights.linear(self + "k_proj", h, observer), config.keyValueHeads());
        Tensor v = heads(weights.linear(self + "v_proj", h, observer), config.keyValueHeads());
        if (config.family() == ModelFamily.QWEN3) {
            q = norm(q, self + "q_norm.weight");
            k = norm(k, self + "k_norm.weight");
        }
        long start = cache == null ? 0 : cache.length();
        q = rotary.apply(q, start);
        k = rotary.apply(k, start);
        return weights.linear(self + "o_proj", Attention.of(q, k, v, index, cache, weights.products()), observer);
    }

    /** [batch, length, heads·headWidth] to [batch, length, heads, headWidth]. */
    private Tensor heads(Tensor x, int heads) {
        return x.view(x.size(0), x.size(1), heads, config.headWidth());
    }

    private Tensor norm(Tensor x, String name) {
        Tensor weight = weights.get(name);
        return torch.rms_norm(
                x, new long[] {weight.numel()}, new TensorOptional(weight), new DoubleOptional(config.normEpsilon()));
    }

    @Override
    public Tensor finish(Tensor x) {
        return norm(x, "model.norm.weight");
    }

    @Override
    public void close() {
        rotary.close();
    }
}
