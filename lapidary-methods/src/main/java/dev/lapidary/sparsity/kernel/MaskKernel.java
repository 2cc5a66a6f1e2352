package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WorkCrew;
import dev.lapidary.sparsity.kernel.MaskPasses.AdamConstants;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Samples, differentiates and updates the learned N:M mask of a weight, fused: a step reads and writes each tensor once, and
 * neither noise nor probabilities nor gradients of logits are ever stored.
 *
 * <p>With π the logits of a group, S [patterns, M] the patterns and g standard Gumbel noise (see {@link Sample}):
 * y = softmax((κπ + g)/τ), mask M̃ = yS, masked weight W⊙M̃. With G' the gradient of the loss with respect to W⊙M̃ and λ the
 * strength of the reward −λ·Σ(W⊙M̃)²: D = W⊙G' − 2λ·W²⊙M̃, G_i = Σ_k S_ik·D_k,
 * ∂L/∂π_i = (κ/τ)·y_i·(G_i − Σ_j y_j·G_j). A hard sample applies the one-hot choice and keeps y in the gradient.
 *
 * <p>Shapes, float32: weights, masked and maskedGradient [out, in] row after row, in a multiple of M; a group is M consecutive
 * values. Segments must be native and hold at least that many floats. Noise is recomputed from its counter in every pass,
 * and work is cut in the same way for any number of threads, so results have the same bits for every number of threads and
 * every vector width, and without SIMD. One caller at a time.
 *
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a>
 */
public final class MaskKernel implements AutoCloseable {
    private static final int BLOCK = MaskState.BLOCK;
    private static final int PIECE_BLOCKS = 256; // that a worker takes at once; divides a region of the noise
    private static final float LOG2_E = 1.4426950408889634f;

    private final SparsityPattern pattern;
    private final StateType type;
    private final Arena arena = Arena.ofShared();
    private final WorkCrew crew;
    private final MaskScratch[] scratches;
    private final MaskPasses passes;

    /** Given noise [groups, patterns] in place of the drawn one, in tests. */
    @Nullable
    MemorySegment givenNoise;

    /** Makes a kernel for states of a pattern and a type; {@link #close} ends its threads. */
    public MaskKernel(SparsityPattern pattern, StateType type, int threads) {
        this(pattern, type, threads, Simd.on());
    }

    MaskKernel(SparsityPattern pattern, StateType type, int threads, boolean vectors) {
        this.pattern = pattern;
        this.type = type;
        passes = passes(pattern, vectors);
        crew = new WorkCrew(threads);
        scratches = new MaskScratch[threads];
        for (int i = 0; i < threads; i++) {
            scratches[i] = new MaskScratch(pattern, arena);
        }
    }

    static MaskPasses passes(SparsityPattern pattern, boolean vectors) {
        return vectors ? new VectorMaskPasses(pattern) : new ScalarMaskPasses();
    }

    /** Writes weights times a freshly sampled mask to masked. */
    public void forward(MaskState state, MemorySegment weights, MemorySegment masked, Sample sample) {
        check(state, weights, masked);
        inChunks(state, (s, chunk) -> {
            sample(s, chunk, sample);
            if (sample.hard()) {
                passes.harden(s, chunk.blocks);
            }
            boolean whole = chunk.isWhole();
            s.weightsAt = chunk.whole(s.weights, weights);
            s.maskedAt = whole ? chunk.address(masked) : s.masked;
            passes.apply(s, chunk.blocks);
            if (!whole) {
                MaskChunk.copy(s.maskedAt, chunk.address(masked), chunk.weights());
            }
            return 0;
        });
    }

    /**
     * Returns the sum over all logits of the square of the loss's derivative, with the noise that {@link #forward} of the same
     * sample drew.
     *
     * @param reward λ of this step
     */
    public double gradientSquares(
            MaskState state, MemorySegment weights, MemorySegment maskedGradient, Sample sample, float reward) {
        check(state, weights, maskedGradient);
        return inChunks(state, (s, chunk) -> {
            differentiate(s, chunk, weights, maskedGradient, sample, reward, 1);
            return passes.squares(s, chunk.blocks);
        });
    }

    /** Updates logits and moments by a step of AdamW on the loss's derivative, with the noise of the same sample. */
    public void update(
            MaskState state,
            MemorySegment weights,
            MemorySegment maskedGradient,
            Sample sample,
            float reward,
            AdamStep step) {
        check(state, weights, maskedGradient);
        AdamConstants constants = AdamConstants.of(step);
        inChunks(state, (s, chunk) -> {
            differentiate(s, chunk, weights, maskedGradient, sample, reward, (float) step.clip());
            passes.scale(s, chunk.blocks);
            if (type == StateType.F32) {
                passes.update(s, chunk.blocks, chunk.part(0), chunk.part(1), chunk.part(2), constants);
                return 0;
            }
            passes.widen(s, chunk.blocks, chunk.part(1), s.first);
            passes.widen(s, chunk.blocks, chunk.part(2), s.second);
            passes.update(s, chunk.blocks, s.logits, s.first, s.second, constants);
            long keys = MaskNoise.roundingKeys(state.seed(), state.stream(), step.number(), chunk.region());
            chunk.take(s, keys);
            passes.narrowAtRandom(s, chunk.blocks, s.logits, chunk.part(0));
            passes.narrow(s, chunk.blocks, s.first, chunk.part(1));
            passes.narrow(s, chunk.blocks, s.second, chunk.part(2));
            return 0;
        });
    }

    private void sample(MaskScratch s, MaskChunk chunk, Sample sample) {
        MaskState state = chunk.state;
        s.isHard = sample.hard();
        s.logitRows = logits(s, chunk);
        s.logitFactor = sample.kappa() * LOG2_E / sample.tau();
        MemorySegment given = givenNoise;
        if (given != null) {
            chunk.spread(given, s.scores);
            s.noiseFactor = LOG2_E / sample.tau();
            passes.score(s, chunk.blocks);
        } else {
            chunk.take(s, MaskNoise.keys(state.seed(), state.stream(), sample.step(), chunk.region()));
            s.noiseFactor = -MaskNoise.UNIT / sample.tau();
            passes.sample(s, chunk.blocks);
        }
        passes.exponentiate(s, chunk.blocks);
    }

    /** Returns where the chunk's logits lie in float32, widening them where needed. */
    long logits(MaskScratch s, MaskChunk chunk) {
        if (type == StateType.F32) {
            return chunk.part(0);
        }
        passes.widen(s, chunk.blocks, chunk.part(0), s.logits);
        return s.logits;
    }

    private void differentiate(
            MaskScratch s,
            MaskChunk chunk,
            MemorySegment weights,
            MemorySegment maskedGradient,
            Sample sample,
            float reward,
            float clip) {
        sample(s, chunk, sample);
        if (sample.hard() && reward != 0) {
            passes.harden(s, chunk.blocks);
        }
        s.weightsAt = chunk.whole(s.weights, weights);
        s.upstreamAt = chunk.whole(s.upstream, maskedGradient);
        s.reward = 2 * reward;
        s.factor = sample.kappa() / sample.tau() * clip;
        passes.differentiate(s, chunk.blocks);
    }

    /**
     * Returns how far the mask has converged; without noise.
     *
     * @param codes pattern codes to compare with, by group, or null
     */
    public MaskFigures figures(MaskState state, float kappa, float tau, byte @Nullable [] codes) {
        check(state);
        if (codes != null && codes.length != state.groups()) {
            throw new IllegalArgumentException(
                    "codes must hold one for each of " + state.groups() + " groups; got " + codes.length);
        }
        return MaskConvergence.of(this, state, Sample.soft(kappa, tau, 0), codes);
    }

    /** Writes the code of each group's largest logit, the first among equals. */
    public void codes(MaskState state, byte[] out) {
        check(state);
        if (out.length != state.groups()) {
            throw new IllegalArgumentException(
                    "out must hold one code for each of " + state.groups() + " groups; got " + out.length);
        }
        inChunks(state, (s, chunk) -> {
            long logits = logits(s, chunk);
            for (int group = 0; group < chunk.groups; group++) {
                out[Math.toIntExact(chunk.firstGroup + group)] = (byte) MaskConvergence.first(s, logits, group);
            }
            return 0;
        });
    }

    /** Sets the logits [groups, patterns], float32; bfloat16 rounds to nearest. */
    public void writeLogits(MaskState state, MemorySegment f32) {
        write(state, 0, f32);
    }

    /** Copies the logits [groups, patterns] to f32. */
    public void readLogits(MaskState state, MemorySegment f32) {
        read(state, 0, f32);
    }

    /** Sets both moments, each [groups, patterns], float32; bfloat16 rounds to nearest. */
    public void writeMoments(MaskState state, MemorySegment first, MemorySegment second) {
        write(state, 1, first);
        write(state, 2, second);
    }

    /** Copies both moments, each [groups, patterns], to first and second. */
    public void readMoments(MaskState state, MemorySegment first, MemorySegment second) {
        read(state, 1, first);
        read(state, 2, second);
    }

    /**
     * Writes the noise g [groups, patterns] of a step, for a twin that computes the same mask by other means. For 2:4 the
     * values of a group have a common shift, which no softmax sees.
     */
    public void noise(MaskState state, long step, MemorySegment f32) {
        check(state);
        requireFloats("f32", f32, state.groups() * pattern.count());
        inChunks(state, (s, chunk) -> {
            chunk.take(s, MaskNoise.keys(state.seed(), state.stream(), step, chunk.region()));
            s.logitRows = logits(s, chunk);
            s.logitFactor = 0;
            s.noiseFactor = -MaskNoise.UNIT / LOG2_E;
            passes.sample(s, chunk.blocks);
            chunk.gather(s.scores, f32);
            return 0;
        });
    }

    private void write(MaskState state, int part, MemorySegment f32) {
        check(state);
        requireFloats("f32", f32, state.groups() * pattern.count());
        inChunks(state, (s, chunk) -> {
            boolean narrow = type == StateType.BF16;
            chunk.spread(f32, narrow ? s.logits : chunk.part(part));
            if (narrow) {
                passes.narrow(s, chunk.blocks, s.logits, chunk.part(part));
            }
            return 0;
        });
    }

    private void read(MaskState state, int part, MemorySegment f32) {
        check(state);
        requireFloats("f32", f32, state.groups() * pattern.count());
        inChunks(state, (s, chunk) -> {
            long from = chunk.part(part);
            if (type == StateType.BF16) {
                passes.widen(s, chunk.blocks, from, s.logits);
                from = s.logits;
            }
            chunk.gather(from, f32);
            return 0;
        });
    }

    /** What is done to each chunk; the results are added in the order of the chunks. */
    interface Work {
        double apply(MaskScratch scratch, MaskChunk chunk);
    }

    /** Computes probabilities without noise: scores hold them unnormalised afterwards. */
    void probabilities(MaskScratch s, MaskChunk chunk, Sample sample) {
        s.logitRows = logits(s, chunk);
        s.logitFactor = sample.kappa() * LOG2_E / sample.tau();
        s.noiseFactor = 0;
        passes.score(s, chunk.blocks);
        passes.exponentiate(s, chunk.blocks);
    }

    /** Runs work on all chunks of the state, pieces of 256 blocks in any order by any worker. */
    double inChunks(MaskState state, Work work) {
        long blocks = (state.groups() + BLOCK - 1) / BLOCK;
        int pieces = Math.toIntExact((blocks + PIECE_BLOCKS - 1) / PIECE_BLOCKS);
        double[] sums = new double[pieces];
        AtomicLong next = new AtomicLong();
        crew.run(worker -> {
            MaskScratch scratch = scratches[worker];
            for (long piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                long end = Math.min(blocks, (piece + 1) * PIECE_BLOCKS);
                double sum = 0;
                for (long block = piece * PIECE_BLOCKS; block < end; block += scratch.blocks) {
                    sum += work.apply(
                            scratch, new MaskChunk(state, block, (int) Math.min(scratch.blocks, end - block)));
                }
                sums[(int) piece] = sum;
            }
        });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    private void check(MaskState state) {
        Objects.requireNonNull(state, "state");
        if (!state.pattern().equals(pattern) || state.type() != type) {
            throw new IllegalArgumentException("the state must be of " + pattern + " in " + type + "; got "
                    + state.pattern() + " in " + state.type());
        }
        if (!state.segment().scope().isAlive()) {
            throw new IllegalStateException("the state must be open; got a closed one");
        }
    }

    private void check(MaskState state, MemorySegment weights, MemorySegment other) {
        check(state);
        requireFloats("weights", weights, state.weights());
        requireFloats("masked weights", other, state.weights());
        MemorySegment noise = givenNoise;
        if (noise != null) {
            requireFloats("noise", noise, state.groups() * pattern.count());
        }
    }

    private static void requireFloats(String what, MemorySegment segment, long floats) {
        if (!segment.isNative()
                || segment.byteSize() < floats * Float.BYTES
                || !segment.scope().isAlive()) {
            throw new IllegalArgumentException(what + " must be open native memory of at least " + floats
                    + " floats; got " + (segment.isNative() ? segment.byteSize() + " bytes" : "a heap segment"));
        }
    }

    /** Ends the kernel's threads and gives its scratch memory back. */
    @Override
    public void close() {
        crew.close();
        arena.close();
    }
}
