package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

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
        SparsityPattern pattern,
        long steps,
        int batch,
        int context,
        int microbatch,
        long seed,
        Range rate,
        Range kappa,
        Range tau,
        double alpha,
        double lambda,
        boolean hard,
        StateType state,
        Products products,
        GateOptimiser optimiser,
        long validateEvery,
        SequencedSet<String> dense) {
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
        if (steps < 1) {
            throw new InputException("steps must be at least 1; got " + steps);
        }
        if (batch < 1) {
            throw new InputException("batch must be at least 1; got " + batch);
        }
        if (context < 0 || microbatch < 0 || validateEvery < 0) {
            throw new InputException("context, microbatch and validateEvery must not be negative; got " + context + ", "
                    + microbatch + " and " + validateEvery);
        }
        if (!(alpha >= 0 && Double.isFinite(alpha))) {
            throw new InputException("alpha must be finite and at least 0; got " + alpha);
        }
        if (!(lambda >= 0 && Double.isFinite(lambda))) {
            throw new InputException("lambda must be finite and at least 0; got " + lambda);
        }
        dense = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(dense));
    }

    /** Returns the defaults for a pattern. */
    public static MaskLearningSettings standard(SparsityPattern pattern) {
        return new MaskLearningSettings(
                pattern,
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
                GateOptimiser.published(),
                0,
                new LinkedHashSet<>());
    }

    /** Returns these settings with another length, batch and seed. */
    public MaskLearningSettings running(long newSteps, int newBatch, long newSeed) {
        return changed(values -> {
            values.steps = newSteps;
            values.batch = newBatch;
            values.seed = newSeed;
        });
    }

    /** Returns these settings with another gate learning rate, which falls to a tenth. */
    public MaskLearningSettings rate(double newRate) {
        return changed(values -> values.rate = new Range(newRate, newRate * RATE_END));
    }

    /** Returns these settings with another scale and temperature. */
    public MaskLearningSettings annealing(Range newKappa, Range newTau) {
        return changed(values -> {
            values.kappa = newKappa;
            values.tau = newTau;
        });
    }

    /** Returns these settings with another strength of the prior and another reward of large weights. */
    public MaskLearningSettings weighing(double newAlpha, double newLambda) {
        return changed(values -> {
            values.alpha = newAlpha;
            values.lambda = newLambda;
        });
    }

    /** Returns these settings with products of another type. */
    public MaskLearningSettings multiplyingIn(Products newProducts) {
        return changed(values -> values.products = newProducts);
    }

    /** Returns these settings with another kind of sample and state. */
    public MaskLearningSettings holding(boolean newHard, StateType newState) {
        return changed(values -> {
            values.hard = newHard;
            values.state = newState;
        });
    }

    /** Returns these settings with windows of another length, and another number of them in one pass. */
    public MaskLearningSettings windows(int newContext, int newMicrobatch) {
        return changed(values -> {
            values.context = newContext;
            values.microbatch = newMicrobatch;
        });
    }

    /** Returns these settings with a validation after every so many steps. */
    public MaskLearningSettings validatingEvery(long newEvery) {
        return changed(values -> values.validateEvery = newEvery);
    }

    /** Returns these settings with weights that stay whole. */
    public MaskLearningSettings keepingDense(SequencedSet<String> newDense) {
        return changed(values -> values.dense = newDense);
    }

    private MaskLearningSettings changed(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return values.settings();
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

    /** Returns every value by name, for files and for the identity of a checkpoint. */
    SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        texts.put("pattern", pattern.toString());
        texts.put("batch", Integer.toString(batch));
        texts.put("context", Integer.toString(context));
        texts.put("microbatch", Integer.toString(microbatch));
        texts.put("gateRate", rate.toString());
        texts.put("kappa", kappa.toString());
        texts.put("tau", tau.toString());
        texts.put("alpha", Double.toString(alpha));
        texts.put("lambda", Double.toString(lambda));
        texts.put("hard", Boolean.toString(hard));
        texts.put("state", state.toString());
        texts.put("products", products.toString());
        texts.put("optimiser", optimiser.toString());
        texts.put("dense", String.join(" ", dense));
        return texts;
    }

    /** The values while some of them change, each by its name. */
    private static final class Values {
        private final SparsityPattern pattern;
        private final GateOptimiser optimiser;
        private long steps;
        private int batch;
        private int context;
        private int microbatch;
        private long seed;
        private Range rate;
        private Range kappa;
        private Range tau;
        private double alpha;
        private double lambda;
        private boolean hard;
        private StateType state;
        private Products products;
        private long validateEvery;
        private SequencedSet<String> dense;

        Values(MaskLearningSettings settings) {
            pattern = settings.pattern;
            steps = settings.steps;
            batch = settings.batch;
            context = settings.context;
            microbatch = settings.microbatch;
            seed = settings.seed;
            rate = settings.rate;
            kappa = settings.kappa;
            tau = settings.tau;
            alpha = settings.alpha;
            lambda = settings.lambda;
            hard = settings.hard;
            state = settings.state;
            products = settings.products;
            optimiser = settings.optimiser;
            validateEvery = settings.validateEvery;
            dense = settings.dense;
        }

        MaskLearningSettings settings() {
            return new MaskLearningSettings(
                    pattern,
                    steps,
                    batch,
                    context,
                    microbatch,
                    seed,
                    rate,
                    kappa,
                    tau,
                    alpha,
                    lambda,
                    hard,
                    state,
                    products,
                    optimiser,
                    validateEvery,
                    dense);
        }
    }
}
