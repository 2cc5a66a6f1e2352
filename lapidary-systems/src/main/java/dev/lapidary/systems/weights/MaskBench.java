package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.Perplexity;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.sparsity.MaskDifference;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotSettings;
import dev.lapidary.sparsity.SparseGptMask;
import dev.lapidary.sparsity.Wanda;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.systems.language.LanguageProblems;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.trial.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Measures masks on a problem, and remembers what several trials need of the same seed.
 *
 * @param problems where models and texts come from
 * @param methods how masks are chosen
 * @param steps of learning
 * @param known what was measured so far, by name and seed
 */
record MaskBench(LanguageProblems problems, MaskMethods methods, long steps, Map<String, Object> known) {
    /** The name of the figure that is compared. */
    static final String PERPLEXITY = "perplexity";

    /** The share of groups of which the forward pass reads exactly 2 weights that are not 0. */
    static final String EXACT_GROUPS = "exactGroups";

    /** How many parameters no longer have the bytes that they had. */
    static final String CHANGED = "changedParameters";

    MaskBench(LanguageProblems problems, MaskMethods methods, long steps) {
        this(problems, methods, steps, new HashMap<>());
    }

    /** Returns what outcomes depend on. */
    Map<String, Object> settings() {
        Map<String, Object> all = new TreeMap<>(problems.settings());
        all.put("methods", methods.toString());
        all.put("steps", steps);
        return all;
    }

    /** What a domain's text is asked for. */
    @FunctionalInterface
    interface Choice {
        MaskSet of(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress);
    }

    /** Returns the mask that is learned on a domain from SparseGPT's mask of the same text, at the rate chosen on the first domain. */
    MaskSet learned(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        return fromSparseGpt(problem, domain, rate(problem, seed, progress), seed, progress);
    }

    private MaskSet fromSparseGpt(
            LanguageProblem problem, LanguageProblem.Texts domain, double rate, long seed, Progress progress) {
        MaskSet prior = sparseGpt(problem, domain, seed, progress);
        return learned(problem, domain, Optional.of(prior), methods.learning(steps, rate, seed), progress);
    }

    /** Learns a mask, once for the same model, text, prior and settings. */
    private MaskSet learned(
            LanguageProblem problem,
            LanguageProblem.Texts domain,
            Optional<MaskSet> prior,
            MaskLearningSettings how,
            Progress progress) {
        return (MaskSet) remembered(
                "learned from " + prior.map(MaskSet::method) + " " + how,
                problem,
                domain.learning(),
                how.seed(),
                () -> MaskMethods.learned(problem.model(), domain.learning(), prior, how, progress));
    }

    /** Calculates a one-shot mask, once for the same model, text and settings. */
    private MaskSet oneShot(
            OneShotMethod method,
            LanguageProblem problem,
            LanguageProblem.Texts domain,
            OneShotSettings how,
            Progress progress) {
        return (MaskSet) remembered(
                method.name() + " " + how,
                problem,
                domain.learning(),
                how.seed(),
                () -> MaskMethods.oneShot(method, problem.model(), domain.learning(), how, progress));
    }

    /** Returns the rate of learning from SparseGPT's mask that is best on the first domain's tuning text. */
    double rate(LanguageProblem problem, long seed, Progress progress) {
        return chosen(
                "rate",
                problem,
                problem.first(),
                seed,
                methods.rates(),
                rate -> fromSparseGpt(problem, problem.first(), rate, seed, progress));
    }

    /** Returns the rate of learning without a prior that is best on the last domain's tuning text. */
    double rateWithoutPrior(LanguageProblem problem, long seed, Progress progress) {
        return chosen(
                "rate without prior",
                problem,
                problem.last(),
                seed,
                methods.rates(),
                rate -> learned(
                        problem, problem.last(), Optional.empty(), methods.learning(steps, rate, seed), progress));
    }

    /** Returns the damp of SparseGPT that is best on the first domain's tuning text. */
    double damp(LanguageProblem problem, long seed, Progress progress) {
        return chosen(
                "damp",
                problem,
                problem.first(),
                seed,
                methods.damps(),
                damp -> oneShot(new SparseGptMask(), problem, problem.first(), methods.damped(damp, seed), progress));
    }

    /** Returns how many windows of calibration are best for Wanda on the first domain's tuning text. */
    int windows(LanguageProblem problem, long seed, Progress progress) {
        return chosen(
                "windows",
                problem,
                problem.first(),
                seed,
                methods.sequences(),
                windows -> oneShot(new Wanda(), problem, problem.first(), methods.calibrated(windows, seed), progress));
    }

    /** Returns SparseGPT's mask without its update, with the damp chosen on the first domain. */
    MaskSet sparseGpt(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        OneShotSettings how = methods.damped(damp(problem, seed, progress), seed);
        return oneShot(new SparseGptMask(), problem, domain, how, progress);
    }

    /** Returns Wanda's mask, with the number of windows chosen on the first domain. */
    MaskSet wanda(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        OneShotSettings how = methods.calibrated(windows(problem, seed, progress), seed);
        return oneShot(new Wanda(), problem, domain, how, progress);
    }

    /** Returns the mask that is learned on a domain without a prior, at the rate that is best for that. */
    MaskSet withoutPrior(
            LanguageProblem problem, LanguageProblem.Texts domain, long budget, long seed, Progress progress) {
        double rate = rateWithoutPrior(problem, seed, progress);
        return learned(problem, domain, Optional.empty(), methods.learning(budget, rate, seed), progress);
    }

    /** Returns the value whose mask has the lowest perplexity on a domain's tuning text, the first one where several have. */
    @SuppressWarnings("unchecked")
    private <T> T chosen(
            String what,
            LanguageProblem problem,
            LanguageProblem.Texts domain,
            long seed,
            List<T> tried,
            Function<T, MaskSet> mask) {
        return (T) remembered(what, problem, domain.tuning(), seed, () -> {
            T best = tried.getFirst();
            double lowest = Double.POSITIVE_INFINITY;
            for (T value : tried.size() == 1 ? List.<T>of() : tried) {
                double perplexity = perplexity(problem, mask.apply(value), domain.tuning());
                if (perplexity < lowest) {
                    lowest = perplexity;
                    best = value;
                }
            }
            return best;
        });
    }

    /** Returns a domain's mask with the gradient cut: SparseGPT's, up to the noise that logits begin with. */
    MaskSet cut(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        MaskSet prior = sparseGpt(problem, domain, seed, progress);
        return methods.cut(problem.model(), domain.learning(), prior, MaskMethods.STRENGTH, seed, progress);
    }

    /** Returns a mask of which nothing is learned. */
    MaskSet random(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        return MaskMethods.random(problem.model(), seed);
    }

    /** Returns the dense model's perplexity. */
    double dense(LanguageProblem problem, Corpus test) {
        return (double) remembered("dense", problem, test, 0, () -> perplexity(problem.model(), test));
    }

    private Object remembered(String what, LanguageProblem problem, Corpus text, long seed, Supplier<Object> work) {
        String key = what + " " + seed + " " + problem.model().digest() + " " + text.digest();
        Object value = known.get(key);
        if (value == null) {
            value = work.get();
            known.put(key, value);
        }
        return value;
    }

    /** Measures a mask on a text, with the gap to the dense model and what must be exact. */
    Outcome measure(LanguageProblem problem, MaskSet masks, Corpus test, String digestBefore) {
        LanguageModel model = problem.model();
        double dense = dense(problem, test);
        double perplexity = perplexity(problem, masks, test);
        return Outcome.of(PERPLEXITY, perplexity)
                .with("gapToDense", perplexity / dense - 1)
                .with(EXACT_GROUPS, exactGroups(model, masks))
                .with(CHANGED, model.digest().equals(digestBefore) ? 0 : 1);
    }

    /** Returns the perplexity of a mask on a text; the model comes back as it was. */
    static double perplexity(LanguageProblem problem, MaskSet masks, Corpus text) {
        masks.applyTo(problem.model());
        try {
            return perplexity(problem.model(), text);
        } finally {
            problem.model().restoreAll();
        }
    }

    /** Returns the share of mask entries in which two masks differ. */
    static double differing(MaskSet one, MaskSet other) {
        return MaskDifference.of(one, other).total().entryShare();
    }

    private static double perplexity(LanguageModel model, Corpus text) {
        int context = model.config().context();
        return Perplexity.measure(model, text.tokens(), Protocol.HF, context, Progress.silent(), Cancellation.none())
                .perplexity();
    }

    /** Counts in what the forward pass reads, whatever the masks say. */
    static double exactGroups(LanguageModel model, MaskSet masks) {
        long exact = 0;
        long all = 0;
        masks.applyTo(model);
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            for (String name : model.prunable()) {
                float[] values = Tensors.toFloats(model.value(name));
                exact += exactGroups(values);
                all += values.length / MaskMethods.PATTERN.of();
            }
        } finally {
            model.restoreAll();
        }
        return (double) exact / all;
    }

    /** Returns how many groups of weights have as many that are not 0 as the pattern keeps. */
    static long exactGroups(float[] values) {
        int of = MaskMethods.PATTERN.of();
        long exact = 0;
        for (int first = 0; first < values.length; first += of) {
            int kept = 0;
            for (int k = 0; k < of; k++) {
                kept += values[first + k] == 0 ? 0 : 1;
            }
            exact += kept == MaskMethods.PATTERN.kept() ? 1 : 0;
        }
        return exact;
    }
}
