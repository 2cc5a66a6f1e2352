package dev.lapidary.systems.gumbel;

import dev.lapidary.estimator.AnnealedTemperature;
import dev.lapidary.estimator.Baseline;
import dev.lapidary.estimator.ExactEnumeration;
import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.Rebar;
import dev.lapidary.estimator.RelaxedEstimator;
import dev.lapidary.estimator.ScoreFunction;
import dev.lapidary.estimator.StraightThroughEstimator;
import dev.lapidary.nn.Activation;
import dev.lapidary.nn.Mlp;
import dev.lapidary.trial.Arm.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The estimators that are compared, each with the same number of tried settings. */
enum EstimatorKind {
    GUMBEL_SOFTMAX("gumbel-softmax", Role.METHOD, List.of("temperature 1 to 0.5", "temperature 1")),
    STRAIGHT_THROUGH_GUMBEL("straight-through-gumbel", Role.REPORTED, List.of("temperature 1 to 0.5", "temperature 1")),
    SCORE_FUNCTION("score-function", Role.BASELINE, List.of("running mean", "learned baseline")),
    STRAIGHT_THROUGH("straight-through", Role.BASELINE, List.of("temperature 1", "temperature 2")),
    REBAR("rebar", Role.REPORTED, List.of("temperature 0.5", "temperature 1")),
    EXACT("exact-enumeration", Role.REPORTED, List.of("", ""));

    private static final int BASELINE_HIDDEN = 64;

    private final String arm;
    private final Role role;
    private final List<String> variants;

    EstimatorKind(String arm, Role role, List<String> variants) {
        this.arm = arm;
        this.role = role;
        this.variants = variants;
    }

    String arm() {
        return arm;
    }

    Role role() {
        return role;
    }

    /**
     * A setting that is tried.
     *
     * @param variant which of the two kinds of temperature or baseline
     * @param rate learning rate
     */
    record Setting(int variant, double rate) {}

    /**
     * The settings that are tried: both variants at every rate, or, where there are no variants, every rate and its half.
     *
     * @param rates learning rates that every estimator is tried with
     */
    List<Setting> tried(List<Double> rates) {
        List<Setting> tried = new ArrayList<>();
        for (int variant = 0; variant < 2; variant++) {
            for (double rate : rates) {
                tried.add(new Setting(variant, this == EXACT && variant == 1 ? rate / 2 : rate));
            }
        }
        return tried;
    }

    /** A setting in words. */
    String describe(Setting setting) {
        String rate = String.format(Locale.ROOT, "rate %s", setting.rate());
        String variant = variants.get(setting.variant());
        return variant.isEmpty() ? rate : rate + ", " + variant;
    }

    /**
     * Makes an estimator for one training.
     *
     * @param steps of the training
     * @param inputs width of what a learned baseline sees
     * @param choices that the program makes
     */
    GradientEstimator make(Setting setting, int steps, int inputs, int choices) {
        boolean first = setting.variant() == 0;
        AnnealedTemperature annealed = first
                ? AnnealedTemperature.reaching(1, 0.5, Math.max(1, steps / 2))
                : AnnealedTemperature.constant(1);
        return switch (this) {
            case GUMBEL_SOFTMAX -> RelaxedEstimator.soft(annealed);
            case STRAIGHT_THROUGH_GUMBEL -> RelaxedEstimator.hard(annealed);
            case SCORE_FUNCTION ->
                new ScoreFunction(
                        first
                                ? Baseline.runningMean()
                                : Baseline.learned(Mlp.of(
                                        "estimator.baseline", List.of(inputs, BASELINE_HIDDEN, 1), Activation.TANH)));
            case STRAIGHT_THROUGH -> new StraightThroughEstimator(first ? 1 : 2);
            case REBAR -> Rebar.of(choices, first ? 0.5 : 1);
            case EXACT -> ExactEnumeration.standard();
        };
    }
}
