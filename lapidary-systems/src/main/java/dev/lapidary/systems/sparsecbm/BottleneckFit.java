package dev.lapidary.systems.sparsecbm;

import dev.lapidary.concept.bottleneck.BottleneckLosses;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.relax.Noise;
import dev.lapidary.systems.sparsecbm.BottleneckForm.Tried;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Trains a concept bottleneck layer with its head, in every form by the same steps, and chooses decay, strength and number of epochs by the
 * cross-entropy on validation items.
 */
final class BottleneckFit implements AutoCloseable {
    static final int BATCH = 64;
    static final double RATE = 3e-3;
    /** Numbers of epochs after which validation items are looked at. */
    static final List<Integer> LOOKS = List.of(3, 6, 12, 24, 48, 96);

    /** A fit ends after as many looks in a row that are no better than the best. */
    static final int PATIENCE = 3;

    private static final double GATE_SPEED = 30; // how much faster than weights log odds move
    private static final double FIRST_ODDS = 2; // gates begin open: at 0.88
    private static final double TEMPERATURE = 1;

    private final ConceptScores scores;
    private final BottleneckForm form;
    private final Tried tried;
    private final long seed;
    private final TorchScope scope;
    private final Tensor layer; // W [M, M]
    private final Tensor head; // H [K, M]
    private final Tensor bias; // [K]
    private final Tensor gates; // log odds to be open, divided by GATE_SPEED [M]
    private final AdamW optimiser;

    private BottleneckFit(ConceptScores scores, BottleneckForm form, Tried tried, long seed) {
        this.scores = scores;
        this.form = form;
        this.tried = tried;
        this.seed = seed;
        int m = scores.width();
        scope = TorchScope.open();
        layer = torch.eye(m);
        head = Noise.uniform(new CounterNoise(seed, 2), 0, scores.classes(), m)
                .sub(new Scalar(0.5))
                .mul(new Scalar(2 / Math.sqrt(m)));
        bias = torch.zeros(scores.classes());
        gates = torch.full(new long[] {m}, new Scalar(FIRST_ODDS / GATE_SPEED));
        List<Tensor> parameters = new ArrayList<>(List.of(head, bias));
        if (form != BottleneckForm.PROBE) {
            parameters.add(layer);
        }
        if (form == BottleneckForm.GATES) {
            parameters.add(gates);
        }
        parameters.forEach(parameter -> parameter.set_requires_grad(true));
        optimiser = new AdamW(parameters, AdamSettings.defaults().withWeightDecay(tried.decay()));
    }

    /**
     * What a fit reached.
     *
     * @param loss cross-entropy on validation items
     * @param accuracy share of test items that it has right, in per cent
     * @param active number of concepts that speak for an item
     * @param nec mean number of concepts with a weight for a class, head and layer multiplied
     * @param chosen decay and strength
     * @param epochs that were chosen
     * @param kept which concepts are in the layer [M]
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Result(double loss, double accuracy, double active, double nec, Tried chosen, int epochs, boolean[] kept) {}

    /** Fits with every setting of a form and returns the result with the least loss on validation items. */
    static Result best(ConceptScores scores, BottleneckForm form, long seed) {
        return form.tried().stream()
                .map(tried -> fit(scores, form, tried, seed))
                .min(Comparator.comparingDouble(Result::loss))
                .orElseThrow();
    }

    /** Fits with one setting. */
    static Result fit(ConceptScores scores, BottleneckForm form, Tried tried, long seed) {
        try (var lease = Torch.oneThreadPerProduct();
                BottleneckFit fit = new BottleneckFit(scores, form, tried, seed)) {
            return fit.run();
        }
    }

    private Result run() {
        EpochOrder order = new EpochOrder(seed, scores.train().size(), BATCH);
        Result best = null;
        long step = 0;
        int worse = 0;
        for (int epochs : LOOKS) {
            if (worse == PATIENCE) {
                break;
            }
            for (; step < epochs * order.stepsPerEpoch(); step++) {
                step(order.batch(step), step);
            }
            double loss = validationLoss();
            worse++;
            if (best == null || loss < best.loss()) {
                best = result(loss, epochs);
                worse = 0;
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
            Tensor c = activations(s, form.gated() ? sampled(items.length, step) : null);
            Tensor loss = torch.cross_entropy_loss(logits(c), Tensors.of(labels, labels.length));
            penalty(c, step, loss).backward();
            optimiser.step(step + 1, RATE, null);
            if (form == BottleneckForm.L1) {
                try (var still = new NoGradGuard()) {
                    layer.copy_(torch.softshrink(layer, new Scalar(RATE * tried.strength())));
                }
            }
        }
    }

    private Tensor penalty(Tensor c, long step, Tensor loss) {
        return switch (form) {
            case DENSE, L1, PROBE, CUT_GATES -> loss;
            case CONTRASTIVE -> loss.add(BottleneckLosses.contrastive(c).mul(new Scalar(tried.strength())));
            case GUMBEL_LOSS ->
                loss.add(BottleneckLosses.gumbel(
                                c,
                                Noise.gumbel(new CounterNoise(seed, 0), step, c.size(0), c.size(1)),
                                Noise.gumbel(new CounterNoise(seed, 1), step, c.size(0), c.size(1)),
                                TEMPERATURE)
                        .mul(new Scalar(tried.strength())));
            case GATES -> loss.add(odds().sigmoid().mean().mul(new Scalar(tried.strength())));
        };
    }

    /** Log odds of each concept's gate to be open [M]. */
    private Tensor odds() {
        return gates.mul(new Scalar(GATE_SPEED));
    }

    /**
     * Gates that are 0 or 1, drawn for each item [B, M], with the gradient of the soft sample: straight-through Gumbel-Softmax over open and
     * closed. Of two choices it needs one draw, since the difference of two Gumbel values is logistic.
     */
    private Tensor sampled(int items, long step) {
        Tensor uniform = Noise.uniform(new CounterNoise(seed, 3), step, items, scores.width());
        Tensor logistic = uniform.log().sub(uniform.neg().log1p());
        Tensor soft = odds().add(logistic).div(new Scalar(TEMPERATURE)).sigmoid();
        Tensor hard = soft.detach().gt(new Scalar(0.5)).to(ScalarType.Float);
        return hard.add(soft.sub(soft.detach()));
    }

    /** The layer's activations [B, M]; a closed gate takes a concept out of the layer on both sides. */
    private Tensor activations(Tensor s, @Nullable Tensor open) {
        if (form == BottleneckForm.PROBE) {
            return s;
        }
        return open == null
                ? torch.linear(s, layer)
                : torch.linear(s.mul(open), layer).mul(open);
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

    /** Gates as they are without noise: open where open is the likelier [M]. */
    private Tensor open() {
        return odds().gt(new Scalar(0.0)).to(ScalarType.Float);
    }

    private Tensor predicted(Tensor s) {
        return logits(activations(s, form.gated() ? open() : null));
    }

    private double validationLoss() {
        try (var inner = TorchScope.open();
                var still = new NoGradGuard()) {
            long[] labels =
                    Arrays.stream(scores.validation().labels()).asLongStream().toArray();
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
            Tensor product = form == BottleneckForm.PROBE ? head : head.matmul(layer);
            boolean[] kept = kept();
            var sparsity = new BottleneckSparsity(Tensors.toFloats(product), kept);
            return new Result(
                    loss, 100.0 * right / classes.length, sparsity.active(), sparsity.nec(), tried, epochs, kept);
        }
    }

    /** Which concepts are in the layer [M]. */
    private boolean[] kept() {
        boolean[] kept = new boolean[scores.width()];
        float[] values = Tensors.toFloats(form.gated() ? open() : torch.ones(kept.length));
        for (int m = 0; m < kept.length; m++) {
            kept[m] = values[m] > 0;
        }
        return kept;
    }

    @Override
    public void close() {
        optimiser.close();
        scope.close();
    }
}
