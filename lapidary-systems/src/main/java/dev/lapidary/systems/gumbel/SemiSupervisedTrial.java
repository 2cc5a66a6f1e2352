package dev.lapidary.systems.gumbel;

import dev.lapidary.estimator.AnnealedTemperature;
import dev.lapidary.estimator.ExactEnumeration;
import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.RelaxedEstimator;
import dev.lapidary.latent.SemiSupervisedTraining;
import dev.lapidary.latent.SemiSupervisedTraining.Pace;
import dev.lapidary.latent.SemiSupervisedVae;
import dev.lapidary.synthetic.DigitImages;
import dev.lapidary.synthetic.Digits;
import dev.lapidary.torch.Torch;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Claim;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times a training step of semi-supervised classification that samples the class against one that marginalises over the classes, in turns,
 * and shows that both learn to classify.
 *
 * @param images of a seed
 * @param classCounts rising
 * @param rounds of turns, of which the median counts
 * @param steps of the training whose accuracy is reported
 * @param batch images with labels, and as many without, of a step
 */
record SemiSupervisedTrial(int images, List<Integer> classCounts, int rounds, int steps, int batch)
        implements Trial<DigitImages> {
    private static final String METHOD = "gumbel-softmax";
    private static final int HIDDEN = 64;
    private static final int STYLE = 8;
    private static final int LABELLED = 100;
    private static final double RATE = 0.003;
    private static final double WEIGHT = 20;

    /** The trial that makes evidence. */
    static SemiSupervisedTrial full() {
        return new SemiSupervisedTrial(3000, List.of(3, 10, 30, 100), 9, 600, 100);
    }

    /** One that shows in seconds that everything runs. */
    static SemiSupervisedTrial quick() {
        return new SemiSupervisedTrial(300, List.of(3, 10, 30, 100), 1, 3, 10);
    }

    @Override
    public String name() {
        return "semi-supervised-steps";
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("images", images);
        settings.put("labelled", LABELLED);
        settings.put("classCounts", classCounts);
        settings.put("rounds", rounds);
        settings.put("steps", steps);
        settings.put("batch", batch);
        settings.put("hidden", HIDDEN);
        settings.put("style", STYLE);
        settings.put("rate", Double.toString(RATE));
        settings.put("weight", Double.toString(WEIGHT));
        return settings;
    }

    @Override
    public DigitImages draw(long seed) {
        return Digits.handwritten().draw(images, seed);
    }

    private static GradientEstimator sampling() {
        return RelaxedEstimator.soft(AnnealedTemperature.constant(1));
    }

    @Override
    public List<Arm<DigitImages>> arms() {
        return List.of(
                Arm.method(METHOD, (data, seed, progress) -> run(data, seed, sampling())),
                Arm.sabotage("marginalising", (data, seed, progress) -> run(data, seed, ExactEnumeration.standard())));
    }

    /** Times marginalising against an estimator. */
    private Outcome run(DigitImages data, long seed, GradientEstimator estimator) {
        Outcome outcome = Outcome.of("accuracy", accuracy(data, seed, estimator));
        double before = 0;
        for (int classes : classCounts) {
            double[] milliseconds = milliseconds(data, seed, estimator, classes);
            double ratio = milliseconds[0] / milliseconds[1];
            outcome = outcome.withTimed("millisecondsMarginalising" + classes, milliseconds[0])
                    .withTimed("milliseconds" + classes, milliseconds[1])
                    .withTimed("ratio" + classes, ratio);
            if (before > 0) {
                outcome = outcome.withTimed("growthTo" + classes, Math.log(ratio / before));
            }
            before = ratio;
        }
        return outcome;
    }

    /** Median milliseconds of a step, of marginalising and of the estimator. */
    private double[] milliseconds(DigitImages data, long seed, GradientEstimator estimator, int classes) {
        double[][] times = new double[2][rounds];
        try (var alone = Torch.oneThreadPerProduct(); // so that other programs disturb less
                SemiSupervisedTraining marginal = training(data, classes, ExactEnumeration.standard(), seed);
                SemiSupervisedTraining other = training(data, classes, estimator, seed)) {
            marginal.step(1); // warm
            other.step(1);
            for (int round = 0; round < rounds; round++) {
                times[0][round] = time(marginal);
                times[1][round] = time(other);
            }
        }
        Arrays.sort(times[0]);
        Arrays.sort(times[1]);
        return new double[] {times[0][rounds / 2], times[1][rounds / 2]};
    }

    private static double time(SemiSupervisedTraining training) {
        long begin = System.nanoTime();
        training.step(2);
        return (System.nanoTime() - begin) * 0.5e-6;
    }

    private SemiSupervisedTraining training(DigitImages data, int classes, GradientEstimator estimator, long seed) {
        SemiSupervisedVae model =
                new SemiSupervisedVae(LatentTask.SIDE * LatentTask.SIDE, HIDDEN, classes, STYLE, WEIGHT);
        int[] labels =
                Arrays.stream(data.labels()).map(label -> label % classes).toArray();
        int train = images * 2 / 3;
        float[][] rows = new float[train][];
        Arrays.setAll(rows, i -> data.rows(i, i + 1, 0, LatentTask.SIDE));
        var items = new SemiSupervisedTraining.Items(rows, Arrays.copyOf(labels, LABELLED));
        return new SemiSupervisedTraining(model, estimator, items, new Pace(batch, RATE), seed);
    }

    /** The share of images without a label, which were not seen, that are put into the right class. */
    private double accuracy(DigitImages data, long seed, GradientEstimator estimator) {
        int from = images * 2 / 3;
        float[][] rows = new float[images - from][];
        Arrays.setAll(rows, i -> data.rows(from + i, from + i + 1, 0, LatentTask.SIDE));
        try (var alone = Torch.oneThreadPerProduct();
                SemiSupervisedTraining training = training(data, 10, estimator, seed)) {
            training.step(steps);
            int[] found = training.classify(rows);
            int right = 0;
            for (int i = 0; i < found.length; i++) {
                right += found[i] == data.labels()[from + i] ? 1 : 0;
            }
            return (double) right / found.length;
        }
    }

    @Override
    public List<Comparison> comparisons() {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 1; i < classCounts.size(); i++) {
            int few = classCounts.get(i - 1);
            int many = classCounts.get(i);
            String name =
                    "step time of marginalising over " + METHOD + " grows from " + few + " to " + many + " classes";
            comparisons.add(
                    new Comparison(name, "growthTo" + many, Goal.HIGH, METHOD, null, 0, Claim.BETTER, 0, false));
        }
        return comparisons;
    }
}
