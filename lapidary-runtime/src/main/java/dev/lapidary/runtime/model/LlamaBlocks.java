package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.ActivationKernel;
import dev.lapidary.runtime.kernel.CachedAttention;
import dev.lapidary.runtime.kernel.DecoderKernels;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Llama's blocks: x + attention(norm(x)), then x + MLP(norm(x)), with MLP(h) = down(act(gate(h))·up(h)).
 *
 * @see <a href="https://arxiv.org/abs/2302.13971">Touvron et al., LLaMA, 2023</a>
 */
final class LlamaBlocks implements DecoderBlocks {
    private final ModelConfig config;
    private final MatrixProducts products;
    private final RotaryTable rotary;
    private final float epsilon;
    private final ActivationKernel activation;
    private final DenseMatrix embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final MemorySegment norm;
    private final WeightMatrix output;

    /** The weights of a block; the norms of queries and keys are Qwen 3's. */
    private record Block(
            MemorySegment attentionNorm,
            LinearGroup queryKeyValue,
            @Nullable MemorySegment queryNorm,
            @Nullable MemorySegment keyNorm,
            Linear attentionOutput,
            MemorySegment mlpNorm,
            LinearGroup gateUp,
            Linear down) {}

    LlamaBlocks(ModelConfig config, WeightBinder binder, MatrixProducts products, RotaryTable rotary) {
        this.config = config;
        this.products = products;
        this.rotary = rotary;
        this.epsilon = (float) config.normEpsilon();
        this.activation = DecoderBlocks.kernel(config.activation());
        this.embedding = binder.rows(ParameterLayout.embedding(config));
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(block(binder, ParameterLayout.block(config, i), config.family() == ModelFamily.QWEN3));
        }
        this.norm = binder.vector("model.norm.weight");
        this.output = DecoderBlocks.output(config, binder);
    }

    private static Block block(WeightBinder binder, String block, boolean normed) {
        String self = block + "self_attn.";
        String mlp = block + "mlp.";
        return new Block(
                binder.vector(block + "input_layernorm.weight"),
                LinearGroup.of(
                        binder.linear(self + "q_proj"), binder.linear(self + "k_proj"), binder.linear(self + "v_proj")),
                normed ? binder.vector(self + "q_norm.weight") : null,
                normed ? binder.vector(self + "k_norm.weight") : null,
                binder.linear(self + "o_proj"),
                binder.vector(block + "post_attention_layernorm.weight"),
                LinearGroup.of(binder.linear(mlp + "gate_proj"), binder.linear(mlp + "up_proj")),
                binder.linear(mlp + "down_proj"));
    }

    @Override
    public void embed(int[] tokens, int from, Scratch scratch, int start, int rows) {
        for (int r = 0; r < rows; r++) {
            embedding.row(tokens[from + r], scratch.row(r));
        }
    }

    @Override
    public void apply(int layer, Scratch scratch, CachedAttention attention, int start, int rows) {
        Block block = blocks.get(layer);
        DecoderKernels.rmsNorm(scratch.x, 0, block.attentionNorm, scratch.h, rows, epsilon);
        block.queryKeyValue.apply(products, scratch.h, rows, scratch.queryKeyValue);
        if (block.queryNorm != null && block.keyNorm != null) {
            DecoderKernels.rmsNorm(scratch.q, 0, block.queryNorm, scratch.q, rows * config.heads(), epsilon);
            DecoderKernels.rmsNorm(scratch.k, 0, block.keyNorm, scratch.k, rows * config.keyValueHeads(), epsilon);
        }
        rotary.angles().rotate(scratch.q, start, rows, config.heads());
        rotary.angles().rotate(scratch.k, start, rows, config.keyValueHeads());
        attention.store(layer, start, rows, scratch.k, scratch.v, config.keyValueHeads() * config.headWidth());
        attention.attend(layer, start, rows, scratch.q, config.heads() * config.headWidth(), scratch.mixed);
        block.attentionOutput.apply(products, scratch.mixed, rows, scratch.h);
        DecoderKernels.add(scratch.x, scratch.h, (long) rows * config.width());
        mlp(block, scratch, rows);
    }

    private void mlp(Block block, Scratch scratch, int rows) {
        DecoderKernels.rmsNorm(scratch.x, 0, block.mlpNorm, scratch.h, rows, epsilon);
        block.gateUp.apply(products, scratch.h, rows, scratch.gateUp);
        activation.gate(scratch.gate, scratch.up, (long) rows * config.mlpWidth());
        block.down.apply(products, scratch.gate, rows, scratch.h);
        DecoderKernels.add(scratch.x, scratch.h, (long) rows * config.width());
    }

    @Override
    public void finish(Scratch scratch, int firstRow, int rows) {
        DecoderKernels.rmsNorm(scratch.x, firstRow, norm, scratch.h, rows, epsilon);
    }

    @Override
    public WeightMatrix output() {
        return output;
    }
}
