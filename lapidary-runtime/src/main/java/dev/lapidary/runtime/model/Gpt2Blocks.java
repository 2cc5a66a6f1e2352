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

/**
 * GPT-2's blocks: x + attention(norm(x)), then x + MLP(norm(x)), with MLP(h) = c_proj(act(c_fc(h))).
 *
 * @see <a href="https://github.com/openai/gpt-2">Radford et al., Language Models are Unsupervised Multitask Learners, 2019</a>
 */
final class Gpt2Blocks implements DecoderBlocks {
    private final ModelConfig config;
    private final MatrixProducts products;
    private final ActivationKernel activation;
    private final DenseMatrix embedding;
    private final DenseMatrix positions;
    private final List<Block> blocks = new ArrayList<>();
    private final Norm norm;
    private final WeightMatrix output;

    private record Norm(MemorySegment weight, MemorySegment bias, float epsilon) {
        void apply(MemorySegment x, int firstRow, MemorySegment out, int rows) {
            DecoderKernels.layerNorm(x, firstRow, weight, bias, out, rows, epsilon);
        }
    }

    private record Block(
            Norm attentionNorm, Linear attention, Linear attentionOutput, Norm mlpNorm, Linear in, Linear out) {}

    Gpt2Blocks(ModelConfig config, WeightBinder binder, MatrixProducts products) {
        this.config = config;
        this.products = products;
        this.activation = DecoderBlocks.kernel(config.activation());
        this.embedding = binder.rows(ParameterLayout.embedding(config));
        this.positions = binder.rows("transformer.wpe.weight");
        for (int i = 0; i < config.layers(); i++) {
            String block = ParameterLayout.block(config, i);
            blocks.add(new Block(
                    norm(binder, block + "ln_1"),
                    binder.linear(block + "attn.c_attn"),
                    binder.linear(block + "attn.c_proj"),
                    norm(binder, block + "ln_2"),
                    binder.linear(block + "mlp.c_fc"),
                    binder.linear(block + "mlp.c_proj")));
        }
        this.norm = norm(binder, "transformer.ln_f");
        this.output = DecoderBlocks.output(config, binder);
    }

    private Norm norm(WeightBinder binder, String name) {
        return new Norm(binder.vector(name + ".weight"), binder.vector(name + ".bias"), (float) config.normEpsilon());
    }

    @Override
    public void embed(int[] tokens, int from, Scratch scratch, int start, int rows) {
        for (int r = 0; r < rows; r++) {
            embedding.row(tokens[from + r], scratch.row(r));
            positions.row(start + r, scratch.h);
            DecoderKernels.add(scratch.row(r), scratch.h, config.width());
        }
    }

    @Override
    public void apply(int layer, Scratch scratch, CachedAttention attention, int start, int rows) {
        Block block = blocks.get(layer);
        int width = config.width();
        block.attentionNorm.apply(scratch.x, 0, scratch.h, rows);
        block.attention.apply(products, scratch.h, rows, scratch.qkv);
        attention.store(layer, start, rows, scratch.k, scratch.v, 3 * width);
        attention.attend(layer, start, rows, scratch.q, 3 * width, scratch.mixed);
        block.attentionOutput.apply(products, scratch.mixed, rows, scratch.h);
        DecoderKernels.add(scratch.x, scratch.h, (long) rows * width);
        block.mlpNorm.apply(scratch.x, 0, scratch.h, rows);
        block.in.apply(products, scratch.h, rows, scratch.gate);
        activation.apply(scratch.gate, (long) rows * config.mlpWidth());
        block.out.apply(products, scratch.gate, rows, scratch.h);
        DecoderKernels.add(scratch.x, scratch.h, (long) rows * width);
    }

    @Override
    public void finish(Scratch scratch, int firstRow, int rows) {
        norm.apply(scratch.x, firstRow, scratch.h, rows);
    }

    @Override
    public WeightMatrix output() {
        return output;
    }
}
