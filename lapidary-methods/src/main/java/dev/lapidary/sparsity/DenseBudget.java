package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.linear.LinearForm;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Chooses which layers of a masked model to leave dense, under a budget of layers or of perplexity.
 *
 * <p>A layer is one linear weight, such as {@code model.layers.3.mlp.down_proj.weight}; the paper keeps whole blocks, whose
 * linears differ much in what their masks cost. Each layer's gain is measured: how far the loss of the masked model falls when
 * this layer alone has its dense weights back. Layers are then taken in the order of gain (a budget of layers) or of gain per
 * weight (a budget of perplexity, where the fewest dense weights are wanted), and the perplexity of every step that the curve
 * shows is measured again on the joint choice, because gains do not add up.
 *
 * <p>The text must not be the one that results are reported on: choosing looks at it.
 *
 * @see <a href="https://arxiv.org/abs/2409.17481">Fang et al., MaskLLM, NeurIPS 2024</a> (dense last layers)
 */
public final class DenseBudget {
    private static final int GAIN_TOKENS = 8192;
    private static final int CURVE_TOKENS = 32768;

    private final LanguageModel model;
    private final MaskSet masks;
    private final CalibrationWindows gainWindows;
    private final CalibrationWindows curveWindows;
    private final Progress.Task task;
    private final Cancellation cancellation;

    private DenseBudget(
            LanguageModel model, MaskSet masks, int[] tokens, Progress.Task task, Cancellation cancellation) {
        this.model = model;
        this.masks = masks;
        this.task = task;
        this.cancellation = cancellation;
        gainWindows = windows(model, tokens, GAIN_TOKENS);
        curveWindows = windows(model, tokens, CURVE_TOKENS);
    }

    private static CalibrationWindows windows(LanguageModel model, int[] tokens, int most) {
        int length = Math.min(model.config().context(), OneShotSettings.LONGEST);
        var settings = new OneShotSettings(Math.max(1, most / length), length, 1, OneShotSettings.Flow.DENSE, 0);
        return CalibrationWindows.draw(tokens, settings, length);
    }

    /**
     * What the choice must keep to; exactly one is given.
     *
     * @param layers most layers left dense
     * @param perplexity highest perplexity on the choosing text, with the fewest dense weights
     */
    public record Limit(OptionalInt layers, OptionalDouble perplexity) {
        /** Checks that exactly one is given and sensible. */
        public Limit {
            if (layers.isPresent() == perplexity.isPresent()) {
                throw new InputException("a budget must be of dense layers or of perplexity; got both or none");
            }
            if (layers.orElse(0) < 0 || !(perplexity.orElse(2) > 1)) {
                throw new InputException("a budget must be at least 0 layers or a perplexity above 1; got "
                        + (layers.isPresent() ? layers.getAsInt() : perplexity.getAsDouble()));
            }
        }

        /** Allows at most {@code most} dense layers. */
        public static Limit layers(int most) {
            return new Limit(OptionalInt.of(most), OptionalDouble.empty());
        }

        /** At most such a perplexity. */
        public static Limit perplexity(double highest) {
            return new Limit(OptionalInt.empty(), OptionalDouble.of(highest));
        }
    }

    /**
     * One joint choice, measured.
     *
     * @param layers number of layers left dense
     * @param density share of prunable weights that remain
     * @param perplexity on the choosing text
     */
    public record Point(int layers, double density, double perplexity) {}

    /**
     * What was chosen and what else could have been.
     *
     * @param denseLayers names of the layers to leave dense, the first the most worth it
     * @param gains fall of the loss, nats per token, with each layer alone dense, in the order in which layers are taken
     * @param curve joint choices measured, by rising number of layers; the first is the masks as they came
     * @param densePerplexity of the dense model on the same text
     */
    public record Choice(
            List<String> denseLayers, SequencedMap<String, Double> gains, List<Point> curve, double densePerplexity) {
        /** Copies the lists. */
        public Choice {
            denseLayers = List.copyOf(denseLayers);
            gains = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(gains));
            curve = List.copyOf(curve);
        }

        /** Returns the masks without those of the layers left dense. */
        public MaskSet applyTo(LanguageModel model, MaskSet masks) {
            return without(model, masks, denseLayers);
        }
    }

    /**
     * Measures and chooses. The model comes back without masks.
     *
     * @param tokens text for the choice alone, at least one window of the model's context
     * @throws InputException where even the dense model is above a perplexity budget, or the text makes no window
     */
    public static Choice choose(
            LanguageModel model,
            MaskSet masks,
            int[] tokens,
            Limit limit,
            Progress progress,
            Cancellation cancellation) {
        long steps = masks.layers().size() + 2 * steps(masks.layers().size());
        try (Progress.Task task = progress.start("measure which layers to leave dense", steps)) {
            var budget = new DenseBudget(model, masks, tokens, task, cancellation);
            return budget.choose(limit);
        } finally {
            model.restoreAll();
        }
    }

    /**
     * Refuses, before any mask is learned, a budget of perplexity that even the dense model is above. The model comes back without
     * masks.
     *
     * @param tokens text for the choice alone, as {@link #choose} will get
     */
    public static void requireReachable(LanguageModel model, int[] tokens, Limit limit, Cancellation cancellation) {
        CalibrationWindows windows = windows(model, tokens, CURVE_TOKENS);
        if (limit.perplexity().isPresent()) {
            model.restoreAll();
            requireReachable(limit, perplexity(model, windows, cancellation));
        }
    }

    private static void requireReachable(Limit limit, double dense) {
        if (dense > limit.perplexity().orElse(Double.POSITIVE_INFINITY)) {
            throw new InputException("the perplexity budget must be at least that of the dense model, " + dense
                    + " on the text for choosing; got " + limit.perplexity().getAsDouble());
        }
    }

    private static long steps(int layers) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(layers);
    }

    /** Returns the masks without those of some layers, which are then noted as dense. */
    static MaskSet without(LanguageModel model, MaskSet masks, Collection<String> dense) {
        SequencedMap<String, LayerMask> layers = new LinkedHashMap<>(masks.layers());
        SequencedMap<String, float[]> updated = new LinkedHashMap<>(masks.updatedWeights());
        layers.keySet().removeAll(dense);
        updated.keySet().removeAll(dense);
        return MaskSet.of(model, masks.method(), masks.pattern(), layers.values(), new TreeMap<>(masks.settings()))
                .withUpdatedWeights(updated);
    }

    private Choice choose(Limit limit) {
        model.restoreAll();
        double dense = perplexity();
        requireReachable(limit, dense);
        SequencedMap<String, Double> gains = ordered(measureGains(), limit);
        List<String> order = List.copyOf(gains.keySet());
        TreeMap<Integer, Point> curve = new TreeMap<>();
        int count = limit.layers().isPresent()
                ? best(order, Math.min(limit.layers().getAsInt(), order.size()), curve)
                : fewest(order, limit.perplexity().getAsDouble(), curve);
        return new Choice(order.subList(0, count), gains, List.copyOf(curve.values()), dense);
    }

    /** Measures 0, 1, 2, 4, ... layers up to the most allowed and returns the number with the lowest perplexity. */
    private int best(List<String> order, int most, TreeMap<Integer, Point> curve) {
        for (int count = 0; count < most; count = Math.max(1, 2 * count)) {
            measure(order, count, curve);
        }
        measure(order, most, curve);
        return curve.values().stream()
                .min(Comparator.comparingDouble(Point::perplexity))
                .orElseThrow()
                .layers();
    }

    /** Doubles the number of layers until the perplexity is low enough, then halves the interval down to the fewest. */
    private int fewest(List<String> order, double highest, TreeMap<Integer, Point> curve) {
        int enough = 0;
        int tooFew = -1;
        while (measure(order, enough, curve) > highest && enough < order.size()) {
            tooFew = enough;
            enough = Math.min(order.size(), Math.max(1, 2 * enough));
        }
        while (enough - tooFew > 1) {
            int middle = (enough + tooFew) / 2;
            if (measure(order, middle, curve) > highest) {
                tooFew = middle;
            } else {
                enough = middle;
            }
        }
        return enough;
    }

    private double measure(List<String> order, int count, TreeMap<Integer, Point> curve) {
        return curve.computeIfAbsent(count, layers -> {
                    MaskSet rest = without(model, masks, order.subList(0, layers));
                    rest.applyTo(model);
                    return new Point(layers, rest.density(), perplexity());
                })
                .perplexity();
    }

    private double perplexity() {
        double perplexity = perplexity(model, curveWindows, cancellation);
        task.advance(1);
        return perplexity;
    }

    private static double perplexity(LanguageModel model, CalibrationWindows windows, Cancellation cancellation) {
        try (var flow = new CalibrationFlow(model, windows, Progress.silent().start("", 1), cancellation)) {
            return Math.exp(flow.lossFrom(0));
        }
    }

    private SequencedMap<String, Double> ordered(SequencedMap<String, Double> gains, Limit limit) {
        ToDoubleFunction<Map.Entry<String, Double>> worth = limit.layers().isPresent()
                ? Map.Entry::getValue
                : gain -> gain.getValue() / model.parameter(gain.getKey()).numel();
        SequencedMap<String, Double> ordered = new LinkedHashMap<>();
        gains.entrySet().stream()
                .sorted(Comparator.comparingDouble(gain -> -worth.applyAsDouble(gain)))
                .forEach(gain -> ordered.put(gain.getKey(), gain.getValue()));
        return ordered;
    }

    /** The states before each block are those of the masked model, so a layer's loss needs only its block and those behind. */
    private SequencedMap<String, Double> measureGains() {
        masks.applyTo(model);
        SequencedMap<String, Double> gains = new LinkedHashMap<>();
        try (var flow =
                new CalibrationFlow(model, gainWindows, Progress.silent().start("", 1), cancellation)) {
            double masked = flow.lossFrom(0);
            for (int block = 0; block < model.config().layers(); block++) {
                for (String name : model.prunable(block)) {
                    if (masks.layers().containsKey(name)) {
                        gains.put(name, masked - lossWithDense(name, flow, block));
                        task.advance(1);
                    }
                }
                flow.advance(block);
            }
        }
        return gains;
    }

    private double lossWithDense(String name, CalibrationFlow flow, int block) {
        LinearForm masked = model.release(name);
        try {
            return flow.lossFrom(block);
        } finally {
            model.replace(name, masked);
        }
    }
}
