package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingSettings;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * How masks are learned: all that decides the outcome beside the model, the text and the prior.
 *
 * <p>Numbers without another source are those of the paper and its code. What differs: batch, steps and the gate learning rate. The
 * paper takes 2,000 steps of a million tokens at 5e-4; a small model on a CPU takes a few hundred of some thousand tokens, where a
 * logit could hardly cross the prior's three standard deviations at that rate. {@link #DEFAULT_RATE} was chosen by
 * experiment: a character model of 105,000 weights, 150 steps from SparseGPT's masks, has perplexity 6.82 at 5e-4, 6.59 at 2e-3 and
 * 6.83 at 8e-3 (dense 6.48, SparseGPT with update 7.10); without a prior 8.03, 7.11 and 7.13.
 *
 * @param pattern how many weights of every group to keep
 * @param steps optimiser steps, at least 1
 * @param batch windows of text a step, at least 1
 * @param context tokens of a window; 0 for the model's own, at most {@value OneShotSettings#LONGEST}
 * @param microbatch windows of one forward and backward pass; 0 for as many as {@value #SIDE_BY_SIDE_TOKENS} tokens hold, or
 *     {@value #MICROBATCH_TOKENS} where the model is too large for passes side by side ({@link Microbatches})
 * @param seed seed of initial logits, noise and the order of windows
 * @param rate gate learning rate: from the first value to the second by half a cosine, no warm-up
 * @param kappa scale of the logits, a straight line
 * @param tau temperature, a straight line
 * @param alpha how many standard deviations of the logits a prior adds to the pattern that it prefers
 * @param lambda how much a large kept weight is worth, falling to 0 along a straight line; the sum runs over all weights
 * @param hard whether the forward pass sees the one sampled pattern and the backward pass the soft mask (straight-through)
 * @param state how logits and moments are held
 * @param products type in which linear layers multiply while learning; perplexities are measured in float32 whatever it is
 * @param optimiser AdamW's numbers
 * @param validateEvery steps from one validation to the next, 0 for a tenth of the steps
 * @param dense prunable weights, by name, that stay whole
 */
public record MaskLearningSettings(
        @Setting(label = "N:M", help = "Keep N of every M inputs.")
        SparsityPattern pattern,

        @Setting(entersAs = "steps", help = "Optimiser steps.")
        long steps,

        @Setting(help = "Windows of text a step.") int batch,

        int context,

        @Setting(
                shown = "as many as " + SIDE_BY_SIDE_TOKENS + " tokens hold, " + MICROBATCH_TOKENS
                        + " for more than 33 million learned weights",
                help = "Windows of one forward and backward pass: fewer take less memory.")
        int microbatch,

        @Setting(entersAs = "seed", help = "Seed of noise and order.")
        long seed,

        @Setting(key = "gateRate") Range rate,

        @Setting(label = "A,B", help = "Scale of the logits at the beginning and the end.")
        Range kappa,

        @Setting(label = "A,B", help = "Temperature at the beginning and the end.")
        Range tau,

        @Setting(help = "Strength of the prior, in standard deviations of the logits.")
        double alpha,

        @Setting(help = "Reward of large kept weights.") double lambda,

        @Setting(help = "Run the model on whole ones and zeros while learning (straight-through).")
        boolean hard,

        @Setting(help = "How logits and moments are held: 18 or 9 bytes per weight for 2:4.")
        StateType state,

        @Setting(
                label = "auto|f32|bf16",
                shown = "auto",
                help = "Type in which linear layers multiply while learning; auto is bf16 where the processor has it.")
        Products products,

        @Setting(key = "optimiser") GateOptimiser optimiser,

        @Setting(entersAs = "validateEvery") long validateEvery,

        SequencedSet<String> dense)
        implements TrainingSettings {
    /** Gate learning rate at the start unless said otherwise, unitless. */
    public static final double DEFAULT_RATE = 2e-3;

    /** The end of the gate learning rate as a share of its start. */
    public static final double RATE_END = 0.1;

    /** Standard deviation of the initial logits. */
    static final double INITIAL_DEVIATION = 0.01;

    static final int MICROBATCH_TOKENS = 4096;
    static final int SIDE_BY_SIDE_TOKENS = 1024;
    private static final long DEFAULT_STEPS = 300;
    private static final int DEFAULT_BATCH = 16;
    private static final int VALIDATIONS = 10;

    /** The values of one step. */
    record Moment(double kappa, double tau, double lambda, double rate) {}

    /** Checks the values. */
    public MaskLearningSettings {
        Bounds.atLeast("steps", steps, 1);
        Bounds.atLeast("batch", batch, 1);
        Bounds.atLeast("context", context, 0);
        Bounds.atLeast("microbatch", microbatch, 0);
        Bounds.atLeast("validateEvery", validateEvery, 0);
        Bounds.notNegative("alpha", alpha);
        Bounds.notNegative("lambda", lambda);
        dense = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(dense));
    }

    /** Returns the defaults, for the pattern 2:4. */
    public static MaskLearningSettings defaults() {
        return new MaskLearningSettings(
                SparsityPattern.TWO_OF_FOUR,
                DEFAULT_STEPS,
                DEFAULT_BATCH,
                0,
                0,
                0,
                new Range(DEFAULT_RATE, DEFAULT_RATE * RATE_END),
                new Range(100, 500),
                new Range(4, 0.05),
                3,
                1e-5,
                false,
                StateType.F32,
                Products.fastest(),
                GateOptimiser.defaults(),
                0,
                new LinkedHashSet<>());
    }

    /** Returns these settings with another pattern. */
    public MaskLearningSettings withPattern(SparsityPattern newPattern) {
        return Components.with(this, "pattern", newPattern);
    }

    /** Returns these settings with another number of steps. */
    public MaskLearningSettings withSteps(long newSteps) {
        return Components.with(this, "steps", newSteps);
    }

    /** Returns these settings with another number of windows of a step. */
    public MaskLearningSettings withBatch(int newBatch) {
        return Components.with(this, "batch", newBatch);
    }

    /** Returns these settings with windows of another length; 0 for the model's own. */
    public MaskLearningSettings withContext(int newContext) {
        return Components.with(this, "context", newContext);
    }

    /** Returns these settings with another number of windows of a pass; 0 for as many as the memory suits. */
    public MaskLearningSettings withMicrobatch(int newMicrobatch) {
        return Components.with(this, "microbatch", newMicrobatch);
    }

    /** Returns these settings with another seed. */
    public MaskLearningSettings withSeed(long newSeed) {
        return Components.with(this, "seed", newSeed);
    }

    /** Returns these settings with another gate learning rate, which falls to a tenth. */
    public MaskLearningSettings withRate(double newRate) {
        return Components.with(this, "rate", new Range(newRate, newRate * RATE_END));
    }

    /** Returns these settings with another scale of the logits. */
    public MaskLearningSettings withKappa(Range newKappa) {
        return Components.with(this, "kappa", newKappa);
    }

    /** Returns these settings with another temperature. */
    public MaskLearningSettings withTau(Range newTau) {
        return Components.with(this, "tau", newTau);
    }

    /** Returns these settings with another strength of the prior. */
    public MaskLearningSettings withAlpha(double newAlpha) {
        return Components.with(this, "alpha", newAlpha);
    }

    /** Returns these settings with another reward of large weights. */
    public MaskLearningSettings withLambda(double newLambda) {
        return Components.with(this, "lambda", newLambda);
    }

    /** Returns these settings with another kind of sample. */
    public MaskLearningSettings withHard(boolean newHard) {
        return Components.with(this, "hard", newHard);
    }

    /** Returns these settings with another kind of state. */
    public MaskLearningSettings withState(StateType newState) {
        return Components.with(this, "state", newState);
    }

    /** Returns these settings with products of another type. */
    public MaskLearningSettings withProducts(Products newProducts) {
        return Components.with(this, "products", newProducts);
    }

    /** Returns these settings with another number of steps from one validation to the next; 0 for a tenth of the steps. */
    public MaskLearningSettings withValidateEvery(long newEvery) {
        return Components.with(this, "validateEvery", newEvery);
    }

    /** Returns these settings with weights that stay whole. */
    public MaskLearningSettings withDense(SequencedSet<String> newDense) {
        return Components.with(this, "dense", newDense);
    }

    /** Returns the plan, the same for any number of windows. */
    @Override
    public TrainingPlan plan(int windows) {
        return TrainingPlan.of(steps, seed)
                .named("learning " + pattern + " masks")
                .validatingEvery(validationSteps())
                .settings(this)
                .option("gateRate", "--gate-lr");
    }

    /** Returns the values of a step, counted from 0. */
    Moment at(long step) {
        Schedule reward = Schedule.linear(1, 0).times(lambda);
        return new Moment(
                kappa.line().at(step, steps),
                tau.line().at(step, steps),
                reward.at(step, steps),
                rate.cosine().at(step, steps));
    }

    int window(int longest) {
        return context == 0 ? Math.min(longest, OneShotSettings.LONGEST) : context;
    }

    /** How many weights of a model get masks that are learned. */
    long learned(LanguageModel model) {
        return model.prunable().stream()
                .filter(name -> !dense.contains(name))
                .mapToLong(name -> model.parameter(name).numel())
                .sum();
    }

    int windowsAPass(int window, long learned) {
        int tokens = Microbatches.sideBySide(learned) ? SIDE_BY_SIDE_TOKENS : MICROBATCH_TOKENS;
        return Math.min(batch, microbatch == 0 ? Math.max(1, tokens / window) : microbatch);
    }

    long validationSteps() {
        return validateEvery == 0 ? Math.max(1, steps / VALIDATIONS) : validateEvery;
    }
}
