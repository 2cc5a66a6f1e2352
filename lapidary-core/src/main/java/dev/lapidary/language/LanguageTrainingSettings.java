package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.EarlyStopping;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingSettings;
import java.nio.file.Path;
import java.util.Optional;

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
 * @param patience number of validations in a row without improvement after which training stops
 * @param seed of initial weights and of the order of windows
 * @param products type in which linear layers multiply while they are trained; perplexities are measured in float32
 * @param checkpoints where the training saves itself, so that it can be resumed, bit for bit on the same machine
 * @param metrics file of JSON lines to write
 */
public record LanguageTrainingSettings(
        @Setting(
                noted = true,
                entersAs = "steps",
                shown = "as many as two cores take in some minutes",
                help = "Most training steps.")
        long steps,

        @Setting(noted = true, help = "Windows of the context in a step.")
        int batch,

        @Setting(noted = true) double learningRate,

        double warmUp,
        double weightDecay,
        double maxNorm,

        @Setting(noted = true)
        @SameResult("the text is divided before the training, whose identity has the digests of both parts")
        double heldOut,

        @Setting(entersAs = "validateEvery") int validations,

        @Setting(entersAs = "earlyStopping") int patience,

        @Setting(noted = true, entersAs = "seed", help = "Seed of weights and order.")
        long seed,

        @Setting(
                label = "TYPE",
                shown = "auto",
                help =
                        "Type in which layers multiply while they train: f32, bf16 (half the time where the processor has it) "
                                + "or auto.")
        Products products,

        @SameResult("a training that was resumed has the bytes of one that was not")
        Optional<Checkpointing> checkpoints,

        @SameResult("it says where to write what was measured, not what is measured")
        Optional<Path> metrics)
        implements TrainingSettings {
    private static final int LINES = 4; // of metrics from one validation to the next

    /** Checks the values. */
    public LanguageTrainingSettings {
        Bounds.atLeast("steps", steps, 1);
        Bounds.atLeast("batch", batch, 1);
        Bounds.atLeast("validations", validations, 1);
        Bounds.atLeast("patience", patience, 1);
        Bounds.share("learning rate", learningRate);
        Bounds.share("warm-up", warmUp);
        Bounds.share("held-out share", heldOut);
        if (!(weightDecay >= 0 && weightDecay < 1)) {
            throw new InputException("weight decay must be from 0 to below 1; got " + weightDecay);
        }
        Bounds.require(maxNorm > 0, "max norm", "positive", maxNorm);
    }

    /**
     * Returns the defaults, for some millions of weights and at most ten minutes on two cores.
     *
     * <p>A step of 1,024 tokens of the default model takes 0.4 s of processor time in bfloat16 and 0.5 s in float32, shared evenly by
     * two Zen 4 cores; the steps leave a third of the time for slower ones. Rates 1e-3, 2e-3 and 4e-3 gave held-out losses 4.92, 4.77
     * and 4.74 after 300
     * steps at width 128; twice the width suits half the rate.
     */
    public static LanguageTrainingSettings defaults() {
        Products products = Products.fastest();
        long steps = products == Products.BF16 ? 2200 : 1600;
        return new LanguageTrainingSettings(
                steps, 4, 2e-3, 0.05, 0.1, 1, 0.1, 20, 4, 0, products, Optional.empty(), Optional.empty());
    }

    /** Returns these settings with another number of steps. */
    public LanguageTrainingSettings withSteps(long newSteps) {
        return Components.with(this, "steps", newSteps);
    }

    /** Returns these settings with another number of windows of a step. */
    public LanguageTrainingSettings withBatch(int newBatch) {
        return Components.with(this, "batch", newBatch);
    }

    /** Returns these settings with another top of the learning rate. */
    public LanguageTrainingSettings withLearningRate(double newRate) {
        return Components.with(this, "learningRate", newRate);
    }

    /** Returns these settings with another seed. */
    public LanguageTrainingSettings withSeed(long newSeed) {
        return Components.with(this, "seed", newSeed);
    }

    /** Returns these settings with another type of products. */
    public LanguageTrainingSettings withProducts(Products newProducts) {
        return Components.with(this, "products", newProducts);
    }

    /** Returns these settings with checkpoints. */
    public LanguageTrainingSettings withCheckpoints(Checkpointing newCheckpoints) {
        return Components.with(this, "checkpoints", Optional.of(newCheckpoints));
    }

    /** Returns these settings with a file of metrics, four lines from each validation to the next. */
    public LanguageTrainingSettings withMetrics(Path newMetrics) {
        return Components.with(this, "metrics", Optional.of(newMetrics));
    }

    /** Returns the plan, the same for any number of windows. */
    @Override
    public TrainingPlan plan(int windows) {
        TrainingPlan plan = TrainingPlan.of(steps, seed)
                .named("training the language model")
                .validatingEvery(Math.max(1, steps / validations))
                .stopping(EarlyStopping.lowest(LanguageTrainer.LOSS, patience))
                .settings(this);
        TrainingPlan measured = metrics.map(file -> plan.metrics(file, Math.max(1, plan.validateEvery() / LINES)))
                .orElse(plan);
        return checkpoints.map(measured::saving).orElse(measured);
    }
}
