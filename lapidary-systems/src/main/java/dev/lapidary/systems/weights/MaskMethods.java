package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.LayerMask;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShot;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotSettings;
import dev.lapidary.torch.Products;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The ways to choose 2 of every 4 weights of a language model that the check compares, with the values that are tried of each: as many
 * for learning as for SparseGPT and for Wanda. Magnitude has nothing to set.
 *
 * @param batch windows of a step of learning
 * @param rates gate learning rates
 * @param damps of SparseGPT
 * @param sequences calibration windows of Wanda; SparseGPT gets the most
 */
record MaskMethods(int batch, List<Double> rates, List<Double> damps, List<Integer> sequences) {
    static final SparsityPattern PATTERN = SparsityPattern.TWO_OF_FOUR;

    /** So small that no gate crosses another, whatever the gradient. */
    private static final double CUT = 1e-12;

    private static final long CUT_STEPS = 4;

    /** The paper's strength of a prior, in standard deviations of the initial logits. */
    static final double STRENGTH = 3;

    /** Returns the mask of a one-shot method. */
    static MaskSet oneShot(
            OneShotMethod method, LanguageModel model, Corpus text, OneShotSettings settings, Progress progress) {
        return OneShot.prune(model, text.tokens(), method, PATTERN, settings, progress, Cancellation.none());
    }

    /** Returns how a one-shot method calibrates, with a damp of SparseGPT. */
    OneShotSettings damped(double damp, long seed) {
        return new OneShotSettings(Collections.max(sequences), 0, damp, OneShotSettings.Flow.SEQUENTIAL, seed);
    }

    /** Returns how a one-shot method calibrates on a number of windows; the damp is not used. */
    OneShotSettings calibrated(int windows, long seed) {
        return new OneShotSettings(windows, 0, damps.getFirst(), OneShotSettings.Flow.SEQUENTIAL, seed);
    }

    /** Learns a mask. */
    static MaskSet learned(
            LanguageModel model, Corpus text, Optional<MaskSet> prior, MaskLearningSettings how, Progress progress) {
        Corpus nothing = new Corpus(new int[0], "");
        return MaskLearning.learn(model, text, nothing, prior, how, Optional.empty(), progress, Cancellation.none())
                .masks();
    }

    /**
     * Learns a mask with the gradient cut: every gate keeps the logits that it starts with, so that a few steps are as good as many.
     * With the usual strength the prior's pattern is not everywhere the likeliest, since the initial noise is a third as strong.
     */
    MaskSet cut(LanguageModel model, Corpus text, MaskSet prior, double strength, long seed, Progress progress) {
        MaskLearningSettings cut = learning(CUT_STEPS, CUT, seed).withAlpha(strength);
        return learned(model, text, Optional.of(prior), cut, progress);
    }

    /** Returns how a mask is learned. */
    MaskLearningSettings learning(long steps, double rate, long seed) {
        return MaskLearningSettings.defaults()
                .withPattern(PATTERN)
                .withSteps(steps)
                .withBatch(batch)
                .withSeed(seed)
                .withRate(rate)
                .withProducts(Products.F32)
                .withValidateEvery(steps);
    }

    /** Draws the pattern of every group evenly. */
    static MaskSet random(LanguageModel model, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<LayerMask> masks = new ArrayList<>();
        for (String name : model.prunable()) {
            int rows = Math.toIntExact(model.parameter(name).size(0));
            int columns = Math.toIntExact(model.parameter(name).size(1));
            byte[] codes = new byte[rows * columns / PATTERN.of()];
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (byte) random.nextInt(PATTERN.count());
            }
            masks.add(new LayerMask(name, rows, columns, PATTERN, codes));
        }
        return MaskSet.of(model, "random", PATTERN, masks, new TreeMap<>());
    }
}
