package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.Perplexity;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.sparsity.MaskDifference;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.SparseGptMask;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.systems.language.LanguageProblems;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.trial.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

    /** Returns the mask that is learned on a text from SparseGPT's mask of the same text. */
    MaskSet learned(LanguageProblem problem, Corpus text, long seed, Progress progress) {
        return (MaskSet) remembered("learned", problem, text, seed, () -> {
            MaskSet prior = sparseGpt(problem, text, seed, progress);
            return methods.learned(problem.model(), text, Optional.of(prior), steps, seed, progress);
        });
    }

    /** Returns SparseGPT's mask without its update. */
    MaskSet sparseGpt(LanguageProblem problem, Corpus text, long seed, Progress progress) {
        return (MaskSet) remembered(
                "sparsegpt",
                problem,
                text,
                seed,
                () -> methods.oneShot(new SparseGptMask(), problem.model(), text, seed, progress));
    }

    /** Returns the perplexity of a mask that is learned on a domain's text without a prior. */
    double withoutPrior(LanguageProblem problem, LanguageProblem.Texts domain, long budget, long seed, Progress progress) {
        return (double) remembered("no-prior " + budget, problem, domain.learning(), seed, () -> {
            MaskSet masks = methods.learned(problem.model(), domain.learning(), Optional.empty(), budget, seed, progress);
            return perplexity(problem, masks, domain.test());
        });
    }

    /** Returns the dense model's perplexity. */
    double dense(LanguageProblem problem, Corpus test) {
        return (double) remembered("dense", problem, test, 0, () -> perplexity(problem.model(), test));
    }

    private Object remembered(
            String what, LanguageProblem problem, Corpus text, long seed, Supplier<Object> work) {
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
        return Perplexity.measure(
                        model, text.tokens(), Protocol.HF, context, Progress.silent(), Cancellation.none())
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
