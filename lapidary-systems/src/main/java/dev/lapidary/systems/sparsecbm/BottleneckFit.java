package dev.lapidary.systems.sparsecbm;

import dev.lapidary.concept.bottleneck.BottleneckLosses;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.relax.GumbelSoftmax;
import dev.lapidary.relax.Noise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Trains a concept bottleneck layer with its head, in every form by the same steps, and chooses strength and number of epochs by the
 * cross-entropy on validation items.
 */
final class BottleneckFit implements AutoCloseable {
    static final int BATCH = 64;
    static final double RATE = 3e-3;
    /** Numbers of epochs after which validation items are looked at. */
    static final List<Integer> LOOKS = List.of(5, 10, 20, 40);

    private static final double GATE_SPEED = 10; // how much faster than weights log odds move
    private static final double FIRST_ODDS = 2; // gates begin open: at 0.88
    private static final double TEMPERATURE = 1;

    private final ConceptScores scores;
    private final BottleneckForm form;
    private final double strength;
    private final long seed;
    private final TorchScope scope;
    private final Tensor layer; // W [M, M]
    private final Tensor head; // H [K, M]
    private final Tensor bias; // [K]
    private final Tensor slope; // [M]
    private final Tensor offset; // [M]
    private final AdamW optimiser;

    private BottleneckFit(ConceptScores scores, BottleneckForm form, double strength, long seed) {
        this.scores = scores;
        this.form = form;
        this.strength = strength;
        this.seed = seed;
        int m = scores.width();
        scope = TorchScope.open();
        layer = torch.eye(m);
        head = Noise.uniform(new CounterNoise(seed, 2), 0, scores.classes(), m)
                .sub(new Scalar(0.5))
                .mul(new Scalar(2 / Math.sqrt(m)));
        bias = torch.zeros(scores.classes());
        slope = torch.zeros(m);
        offset = torch.full(new long[] {m}, new Scalar(FIRST_ODDS / GATE_SPEED));
        List<Tensor> parameters = new ArrayList<>(List.of(head, bias));
        if (form != BottleneckForm.PROBE) {
            parameters.add(layer);
        }
        if (form == BottleneckForm.GATES) {
            parameters.addAll(List.of(slope, offset));
        }
        parameters.forEach(parameter -> parameter.set_requires_grad(true));
        optimiser = new AdamW(parameters, AdamSettings.defaults().withWeightDecay(form.decay(strength)));
    }

    /**
     * What a fit reached.
     *
     * @param loss cross-entropy on validation items
     * @param accuracy share of test items that it has right, in per cent
     * @param active mean number of concepts that speak for a test item
     * @param nec mean number of concepts with a weight for a class, head and layer multiplied
     * @param strength that was chosen
     * @param epochs that were chosen
     * @param open which gates are open, by part: training, validation, test items [n, M]; null where there are no gates
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Result(
            double loss,
            double accuracy,
            double active,
            double nec,
            double strength,
            int epochs,
            boolean @Nullable [] @Nullable [] open) {}

    /** Fits with every strength of a form and returns the result with the least loss on validation items. */
    static Result best(ConceptScores scores, BottleneckForm form, long seed) {
        Result best = null;
        for (double strength : form.strengths()) {
            try (var lease = Torch.oneThreadPerProduct();
                    BottleneckFit fit = new BottleneckFit(scores, form, strength, seed)) {
                Result result = fit.run();
                best = best == null || result.loss() < best.loss() ? result : best;
            }
        }
        if (best == null) {
            throw new IllegalStateException("a form must have strengths to try; got none of " + form);
        }
        return best;
    }

    private Result run() {
        EpochOrder order = new EpochOrder(seed, scores.train().size(), BATCH);
        Result best = null;
        long step = 0;
        for (int epochs : LOOKS) {
            for (; step < epochs * order.stepsPerEpoch(); step++) {
                step(order.batch(step), step);
            }
            double loss = validationLoss();
            if (best == null || loss < best.loss()) {
                best = result(loss, epochs);
            }
        }
        if (best == null) {
            throw new IllegalStateException("a fit must look at validation items; got no look");
        }
        return best;
    }

    private void step(int[] items, long step) {
        try (var inner = TorchScope.open()) {
            Tensor s = rows(scores.train(), items);
            long[] labels = Arrays.stream(items)
                    .mapToLong(item -> scores.train().labels()[item])
                    .toArray();
            Tensor odds = odds(s);
            Tensor shown = form.gated() ? s.mul(sampled(odds, step)) : s;
            Tensor c = form == BottleneckForm.PROBE ? shown : torch.linear(shown, layer); // [B, M]
            Tensor loss = torch.cross_entropy_loss(logits(c), Tensors.of(labels, labels.length));
            penalty(c, odds, step, loss).backward();
            optimiser.step(step + 1, RATE, null);
            if (form == BottleneckForm.L1) {
                try (var still = new NoGradGuard()) {
                    layer.copy_(torch.softshrink(layer, new Scalar(RATE * strength)));
                }
            }
        }
    }

    private Tensor penalty(Tensor c, Tensor odds, long step, Tensor loss) {
        return switch (form) {
            case DENSE, L1, PROBE, CUT_GATES -> loss;
            case CONTRASTIVE -> loss.add(BottleneckLosses.contrastive(c).mul(new Scalar(strength)));
            case GUMBEL_LOSS ->
                loss.add(BottleneckLosses.gumbel(
                                c,
                                Noise.gumbel(new CounterNoise(seed, 0), step, c.size(0), c.size(1)),
                                Noise.gumbel(new CounterNoise(seed, 1), step, c.size(0), c.size(1)),
                                TEMPERATURE)
                        .mul(new Scalar(strength)));
            case GATES -> loss.add(odds.sigmoid().mean().mul(new Scalar(strength)));
        };
    }

    /** Log odds of every gate to be open [n, M]. */
    private Tensor odds(Tensor s) {
        return s.mul(slope).add(offset).mul(new Scalar(GATE_SPEED));
    }

    /** Gates that are 0 or 1 [B, M], with the gradient of the soft sample. */
    private Tensor sampled(Tensor odds, long step) {
        Tensor logits = torch.stack(new TensorVector(odds, odds.mul(new Scalar(0.0))), -1); // [B, M, 2]
        return GumbelSoftmax.hard(TEMPERATURE, -1)
                .sample(logits, new CounterNoise(seed, 3), step)
                .select(-1, 0); // [B, M]
    }

    private Tensor logits(Tensor c) {
        return torch.linear(c, head).add(bias);
    }

    private Tensor rows(ConceptScores.Part part, int[] items) {
        int m = scores.width();
        float[] values = new float[items.length * m];
        for (int i = 0; i < items.length; i++) {
            System.arraycopy(part.values(), items[i] * m, values, i * m, m);
        }
        return Tensors.of(values, items.length, m);
    }

    private Tensor all(ConceptScores.Part part) {
        return Tensors.of(part.values(), part.size(), scores.width());
    }

    /** Gates as they are without noise: open where open is the likelier. */
    private Tensor open(Tensor s) {
        return odds(s).gt(new Scalar(0.0)).to(ScalarType.Float);
    }

    private Tensor predicted(Tensor s) {
        Tensor shown = form.gated() ? s.mul(open(s)) : s;
        return logits(form == BottleneckForm.PROBE ? shown : torch.linear(shown, layer));
    }

    private double validationLoss() {
        try (var inner = TorchScope.open();
                var still = new NoGradGuard()) {
            long[] labels = Arrays.stream(scores.validation().labels())
                    .asLongStream()
                    .toArray();
            return torch.cross_entropy_loss(predicted(all(scores.validation())), Tensors.of(labels, labels.length))
                    .item_double();
        }
    }

    private Result result(double loss, int epochs) {
        try (var inner = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor test = all(scores.test());
            long[] classes = Tensors.toLongs(predicted(test).argmax(new LongOptional(1), false));
            int right = 0;
            for (int i = 0; i < classes.length; i++) {
                right += classes[i] == scores.test().labels()[i] ? 1 : 0;
            }
            boolean[][] open = form.gated()
                    ? new boolean[][] {gates(scores.train()), gates(scores.validation()), gates(scores.test())}
                    : null;
            var sparsity = new BottleneckSparsity(
                    Tensors.toFloats(form == BottleneckForm.PROBE ? head : head.matmul(layer)),
                    scores.width(),
                    open == null ? null : open[2]);
            return new Result(
                    loss,
                    100.0 * right / classes.length,
                    sparsity.active(),
                    sparsity.nec(),
                    strength,
                    epochs,
                    open);
        }
    }

    private boolean[] gates(ConceptScores.Part part) {
        float[] values = Tensors.toFloats(open(all(part)));
        boolean[] open = new boolean[values.length];
        for (int at = 0; at < open.length; at++) {
            open[at] = values[at] > 0;
        }
        return open;
    }

    @Override
    public void close() {
        optimiser.close();
        scope.close();
    }
}
