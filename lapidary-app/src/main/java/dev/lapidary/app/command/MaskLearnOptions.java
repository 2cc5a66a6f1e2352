package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.Range;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Products;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how masks are learned; without one the settings' own default holds. */
final class MaskLearnOptions {
    @Option(names = "--pattern", paramLabel = "N:M", description = "Keep N of every M inputs. Default: 2:4.")
    private String pattern = "2:4";

    @Option(names = "--steps", paramLabel = "N", description = "Optimiser steps. Default: 300.")
    private @Nullable Long steps;

    @Option(names = "--batch", paramLabel = "N", description = "Windows of text a step. Default: 16.")
    private @Nullable Integer batch;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of noise and order. Default: 0.")
    private long seed;

    @Option(
            names = "--gate-lr",
            paramLabel = "X",
            description = "Learning rate of the choice at the start; it falls to a tenth. Default: 0.002.")
    private @Nullable Double rate;

    @Option(
            names = "--kappa",
            paramLabel = "A,B",
            description = "Scale of the logits at the beginning and the end. Default: 100,500.")
    private @Nullable String kappa;

    @Option(
            names = "--tau",
            paramLabel = "A,B",
            description = "Temperature at the beginning and the end. Default: 4,0.05.")
    private @Nullable String tau;

    @Option(
            names = "--alpha",
            paramLabel = "X",
            description = "Strength of the prior, in standard deviations of the logits. Default: 3.")
    private @Nullable Double alpha;

    @Option(names = "--lambda", paramLabel = "X", description = "Reward of large kept weights. Default: 1e-5.")
    private @Nullable Double lambda;

    @Option(names = "--hard", description = "Run the model on whole ones and zeros while learning (straight-through).")
    private boolean hard;

    @Option(
            names = "--state",
            paramLabel = "f32|bf16",
            description = "How logits and moments are held: 18 or 9 bytes per weight for 2:4. Default: f32.")
    private String state = "f32";

    @Option(
            names = "--microbatch",
            paramLabel = "N",
            description = "Windows of one forward and backward pass: fewer take less memory. Default: as many "
                    + "as 1024 tokens hold, 4096 for more than 33 million learned weights.")
    private @Nullable Integer microbatch;

    @Option(
            names = "--products",
            paramLabel = "auto|f32|bf16",
            description =
                    "Type in which linear layers multiply while learning; auto (default) is bf16 where the processor has it.")
    private String products = "auto";

    /** Checks the values. */
    MaskLearningSettings settings() {
        MaskLearningSettings settings = MaskLearningSettings.standard(pattern());
        settings = settings.running(
                        steps == null ? settings.steps() : steps, batch == null ? settings.batch() : batch, seed)
                .annealing(
                        kappa == null ? settings.kappa() : Range.parse("--kappa", kappa),
                        tau == null ? settings.tau() : Range.parse("--tau", tau))
                .weighing(alpha == null ? settings.alpha() : alpha, lambda == null ? settings.lambda() : lambda)
                .holding(hard, stateType())
                .multiplyingIn(Products.parse(products));
        if (rate != null && !(rate > 0 && Double.isFinite(rate))) {
            throw new InputException("--gate-lr must be positive; got " + rate);
        }
        if (microbatch != null) {
            if (microbatch < 1) {
                throw new InputException("--microbatch must be at least 1; got " + microbatch);
            }
            settings = settings.windows(0, microbatch);
        }
        return rate == null ? settings : settings.rate(rate);
    }

    SparsityPattern pattern() {
        return SparsityPattern.parse(pattern);
    }

    private StateType stateType() {
        return switch (state) {
            case "f32" -> StateType.F32;
            case "bf16" -> StateType.BF16;
            default -> throw new InputException("--state must be f32 or bf16; got " + state);
        };
    }
}
