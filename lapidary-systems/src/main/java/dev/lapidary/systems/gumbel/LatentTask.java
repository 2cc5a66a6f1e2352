package dev.lapidary.systems.gumbel;

import dev.lapidary.latent.CategoricalVae;
import dev.lapidary.latent.LatentModel;
import dev.lapidary.latent.LatentTraining.Items;
import dev.lapidary.latent.StructuredPredictor;
import dev.lapidary.synthetic.DigitImages;
import dev.lapidary.synthetic.Digits;
import dev.lapidary.systems.gumbel.EstimatorKind.Setting;
import java.util.List;

/** What is learned with categorical latent variables, and with which settings of each estimator. */
enum LatentTask {
    /** The lower half of a digit from its upper half, through two layers of 10 variables of 10 classes. */
    STRUCTURED_PREDICTION(
            "structured-prediction", new StructuredPredictor(98, 98, 2, 10, 10), 2, 50, chosen(4, 4, 4, 4, 1, 0)),
    /** Whole digits, by 10 latent variables of 10 classes. */
    CATEGORICAL_VAE("categorical-vae", new CategoricalVae(196, 64, 10, 10), 1, 10, chosen(1, 1, 4, 5, 4, 0)),
    /** Whole digits, by 2 latent variables of 8 classes, of which all 64 configurations can be enumerated. */
    SMALL_VAE("small-categorical-vae", new CategoricalVae(196, 64, 2, 8), 1, 10, chosen(1, 1, 4, 5, 1, 1));

    /** Pixels of a side. */
    static final int SIDE = 14;

    private final String trial;
    private final LatentModel model;
    private final int choices;
    private final int samples;
    private final List<Integer> chosen; // place among the tried settings, of each estimator in their order

    LatentTask(String trial, LatentModel model, int choices, int samples, List<Integer> chosen) {
        this.trial = trial;
        this.model = model;
        this.choices = choices;
        this.samples = samples;
        this.chosen = chosen;
    }

    /** The places of the settings with the least validation bound: soft, hard, score function, straight-through, REBAR, exact. */
    private static List<Integer> chosen(Integer... places) {
        return List.of(places);
    }

    String trial() {
        return trial;
    }

    LatentModel model() {
        return model;
    }

    /** How many choices the model makes, one after the other. */
    int choices() {
        return choices;
    }

    /** One-hot draws of each item for the bound. */
    int samples() {
        return samples;
    }

    /** Width of the input. */
    int inputs() {
        return this == STRUCTURED_PREDICTION ? SIDE * SIDE / 2 : SIDE * SIDE;
    }

    /** The estimators that run. */
    List<EstimatorKind> kinds() {
        return List.of(EstimatorKind.values()).stream()
                .filter(kind -> kind != EstimatorKind.EXACT || this == SMALL_VAE)
                .toList();
    }

    /** The settings of an estimator that were tried: six of each. */
    List<Setting> tried(EstimatorKind kind) {
        return kind.tried(this == STRUCTURED_PREDICTION ? List.of(0.01, 0.03, 0.1) : List.of(0.003, 0.01, 0.03));
    }

    /** The setting that was chosen by the validation bound of seed 0. */
    Setting chosen(EstimatorKind kind) {
        return tried(kind).get(chosen.get(List.of(EstimatorKind.values()).indexOf(kind)));
    }

    /**
     * The items of a seed.
     *
     * @param train what is learned from
     * @param validation what settings were chosen by
     * @param test what the bound is of
     */
    record Problem(Items train, Items validation, Items test) {}

    /** Draws the items of a seed; validation and test sets have a fourth of the training set's size. */
    Problem draw(long seed, int train) {
        int rest = train / 4;
        DigitImages images = Digits.handwritten().draw(train + 2 * rest, seed);
        return new Problem(
                items(images, 0, train),
                items(images, train, train + rest),
                items(images, train + rest, train + 2 * rest));
    }

    private Items items(DigitImages images, int from, int to) {
        float[][] inputs = new float[to - from][];
        float[][] targets = new float[to - from][];
        boolean halves = this == STRUCTURED_PREDICTION;
        for (int i = 0; i < to - from; i++) {
            inputs[i] = images.rows(from + i, from + i + 1, 0, halves ? SIDE / 2 : SIDE);
            targets[i] = images.rows(from + i, from + i + 1, halves ? SIDE / 2 : 0, SIDE);
        }
        return new Items(inputs, targets);
    }
}
