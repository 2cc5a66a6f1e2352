package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a language model is trained.
 *
 * @param steps most optimiser steps
 * @param batch windows of the model's context in a step
 * @param learningRate at the top of the schedule: a straight rise over {@code warmUp} of the steps, then half a cosine down to a
 *     tenth
 * @param warmUp share of the steps, 0 to 1
 * @param weightDecay of the matrices, decoupled
 * @param maxNorm to which the gradient of all parameters together is clipped
 * @param heldOut share of the tokens, the last ones, that are never trained on
 * @param validations how often in {@code steps} the held-out part is measured; the best weights are kept
 * @param patience training stops after so many validations in a row without improvement
 * @param seed of initial weights and of the order of windows
 * @param products type in which linear layers multiply while they are trained; perplexities are measured in float32
 * @param checkpoints where the training saves itself, so that it can be resumed, bit for bit on the same machine
 * @param metrics file of JSON lines to write
 */
public record LanguageTrainingSettings(
        long steps,
        int batch,
        double learningRate,
        double warmUp,
        double weightDecay,
        double maxNorm,
        double heldOut,
        int validations,
        int patience,
        long seed,
        Products products,
        Optional<Checkpointing> checkpoints,
        Optional<Path> metrics) {

    /** Checks the values. */
    public LanguageTrainingSettings {
        atLeastOne("steps", steps);
        atLeastOne("batch", batch);
        atLeastOne("validations", validations);
        atLeastOne("patience", patience);
        if (!(learningRate > 0 && learningRate < 1)) {
            throw new InputException("learning rate must be between 0 and 1; got " + learningRate);
        }
        share("warm-up", warmUp);
        share("held-out share", heldOut);
        if (!(weightDecay >= 0 && weightDecay < 1)) {
            throw new InputException("weight decay must be from 0 to below 1; got " + weightDecay);
        }
        if (!(maxNorm > 0)) {
            throw new InputException("greatest norm must be positive; got " + maxNorm);
        }
    }

    private static void atLeastOne(String what, long value) {
        if (value < 1) {
            throw new InputException(what + " must be at least 1; got " + value);
        }
    }

    private static void share(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new InputException(what + " must be between 0 and 1; got " + value);
        }
    }

    /**
     * Returns the defaults, for some millions of weights and at most ten minutes on two cores.
     *
     * <p>A step of 1,024 tokens of the default model takes 0.4 s of processor time in bfloat16 and 0.5 s in float32, shared evenly by
     * two Zen 4 cores; the steps leave a third of the time for slower ones. Rates 1e-3, 2e-3 and 4e-3 gave held-out losses 4.92, 4.77
     * and 4.74 after 300
     * steps at width 128; twice the width suits half the rate.
     */
    public static LanguageTrainingSettings standard() {
        Products products = Products.fastest();
        long steps = products == Products.BF16 ? 2200 : 1600;
        return new LanguageTrainingSettings(
                steps, 4, 2e-3, 0.05, 0.1, 1, 0.1, 20, 4, 0, products, Optional.empty(), Optional.empty());
    }

    /** Returns these settings with other sizes. */
    public LanguageTrainingSettings sized(long newSteps, int newBatch) {
        return changed(values -> {
            values.steps = newSteps;
            values.batch = newBatch;
        });
    }

    /** Returns these settings with another seed. */
    public LanguageTrainingSettings seeded(long newSeed) {
        return changed(values -> values.seed = newSeed);
    }

    /** Returns these settings with another top of the learning rate. */
    public LanguageTrainingSettings rated(double newRate) {
        return changed(values -> values.learningRate = newRate);
    }

    /** Returns these settings with another type of products. */
    public LanguageTrainingSettings multiplying(Products newProducts) {
        return changed(values -> values.products = newProducts);
    }

    /** Returns these settings with files: checkpoints, and four lines of metrics from each validation to the next. */
    public LanguageTrainingSettings saving(Checkpointing newCheckpoints, Path newMetrics) {
        return changed(values -> {
            values.checkpoints = Optional.of(newCheckpoints);
            values.metrics = Optional.of(newMetrics);
        });
    }

    private LanguageTrainingSettings changed(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return new LanguageTrainingSettings(
                values.steps,
                values.batch,
                values.learningRate,
                warmUp,
                weightDecay,
                maxNorm,
                heldOut,
                validations,
                patience,
                values.seed,
                values.products,
                values.checkpoints,
                values.metrics);
    }

    /** The values that can be changed, each by its name. */
    private static final class Values {
        private long steps;
        private int batch;
        private double learningRate;
        private long seed;
        private Products products;
        private Optional<Checkpointing> checkpoints;
        private Optional<Path> metrics;

        Values(LanguageTrainingSettings settings) {
            steps = settings.steps;
            batch = settings.batch;
            learningRate = settings.learningRate;
            seed = settings.seed;
            products = settings.products;
            checkpoints = settings.checkpoints;
            metrics = settings.metrics;
        }
    }
}
