package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's blocks: x + attention(norm(x)), then x + MLP(norm(x)), with MLP(h) = c_proj(act(c_fc(h))).
 *
 * @see <a href="https://github.com/openai/gpt-2">Radford et al., Language Models are Unsupervised Multitask Learners, 2019</a>
 */
final class Gpt2Decoder implements Decoder {
    private final ModelConfig config;
    private final Weights weights;

    Gpt2Decoder(ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
    }

    @Override
    public Tensor embed(Tensor tokens, long start) {
        Tensor positions = weights.get("transformer.wpe.weight").narrow(0, start, tokens.size(1));
        return torch.embedding(weights.get(ParameterLayout.embedding(config)), tokens)
                .add(positions);
    }

    @Override
    public Tensor block(int index, Tensor x, @Nullable KeyValueCache cache, @Nullable LinearInputs observer) {
        String block = ParameterLayout.block(config, index);
        TensorVector parts = weights.linear(block + "attn.c_attn", norm(x, block + "ln_1"), observer)
                .chunk(3, 2);
        Tensor heads = Attention.of(
                heads(parts.get(0)), heads(parts.get(1)), heads(parts.get(2)), index, cache, weights.products());
        Tensor middle = x.add(weights.linear(block + "attn.c_proj", heads, observer));
        Tensor h = weights.linear(block + "mlp.c_fc", norm(middle, block + "ln_2"), observer);
        return middle.add(weights.linear(block + "mlp.c_proj", Activations.apply(config.activation(), h), observer));
    }

    /** [batch, length, width] to [batch, length, heads, headWidth]. */
    private Tensor heads(Tensor x) {
        return x.view(x.size(0), x.size(1), config.heads(), config.headWidth());
    }

    private Tensor norm(Tensor x, String name) {
        return torch.layer_norm(
                x,
                new long[] {config.width()},
                new TensorOptional(weights.get(name + ".weight")),
                new TensorOptional(weights.get(name + ".bias")),
                config.normEpsilon(),
                false);
    }

    @Override
    public Tensor finish(Tensor x) {
        return norm(x, "transformer.ln_f");
    }

    @Override
    public void close() {}
}
