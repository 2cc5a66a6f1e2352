package dev.lapidary.systems.gumbel;

import dev.lapidary.estimator.Program;
import dev.lapidary.latent.LatentTraining;
import dev.lapidary.latent.LatentTraining.Budget;
import dev.lapidary.latent.Tampering;
import dev.lapidary.nn.Parameters;
import dev.lapidary.systems.gumbel.EstimatorKind.Setting;
import dev.lapidary.systems.gumbel.LatentTask.Problem;
import dev.lapidary.torch.Torch;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Trains one model by each estimator from the same first weights, batches and budget, and compares bounds on test items with one-hot draws.
 *
 * @param task what is learned
 * @param train training items
 * @param budget of every training
 */
record LatentTrial(LatentTask task, int train, Budget budget) implements Trial<Problem> {
    static final String BOUND = "testBound";

    /** The trial that makes evidence. */
    static LatentTrial full(LatentTask task) {
        return new LatentTrial(task, 4000, new Budget(2000, 64));
    }

    /** One that shows in seconds that everything runs. */
    static LatentTrial quick(LatentTask task) {
        return new LatentTrial(task, 120, new Budget(3, 16));
    }

    @Override
    public String name() {
        return task.trial();
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("model", task.model().toString());
        settings.put("trainingItems", train);
        settings.put("testItems", train / 4);
        settings.put("steps", budget.steps());
        settings.put("batch", budget.batch());
        settings.put("samplesOfTheBound", task.samples());
        for (EstimatorKind kind : task.kinds()) {
            settings.put(kind.arm() + " tried", task.tried(kind).stream().map(kind::describe).toList());
            settings.put(kind.arm() + " chosen", kind.describe(task.chosen(kind)));
        }
        return settings;
    }

    @Override
    public Problem draw(long seed) {
        return task.draw(seed, train);
    }

    @Override
    public List<Arm<Problem>> arms() {
        List<Arm<Problem>> arms = new ArrayList<>();
        for (EstimatorKind kind : task.kinds()) {
            arms.add(new Arm<>(kind.arm(), kind.role(), (problem, seed, progress) ->
                    run(kind, problem, seed, UnaryOperator.identity())));
        }
        if (task != LatentTask.SMALL_VAE) {
            arms.add(Arm.sabotage("gradient-cut", (problem, seed, progress) ->
                    run(EstimatorKind.GUMBEL_SOFTMAX, problem, seed, Tampering::cut)));
            arms.add(Arm.sabotage("even-choices", (problem, seed, progress) ->
                    run(EstimatorKind.GUMBEL_SOFTMAX, problem, seed, Tampering::uniform)));
        }
        return arms;
    }

    private Outcome run(EstimatorKind kind, Problem problem, long seed, UnaryOperator<Program> change) {
        Setting setting = task.chosen(kind);
        LatentTraining training = training(kind, setting, change);
        long begin = System.nanoTime();
        try (var alone = Torch.oneThreadPerProduct(); // products are small
                Parameters parameters = training.train(problem.train(), seed)) {
            double milliseconds = (System.nanoTime() - begin) * 1e-6 / budget.steps();
            return Outcome.of(BOUND, training.bound(parameters, problem.test(), task.samples(), seed))
                    .withTimed("millisecondsOfAStep", milliseconds);
        }
    }

    /** The mean bound of validation items after a training with a setting, in nats. */
    double validationBound(EstimatorKind kind, Setting setting, Problem problem, long seed) {
        LatentTraining training = training(kind, setting, UnaryOperator.identity());
        try (var alone = Torch.oneThreadPerProduct();
                Parameters parameters = training.train(problem.train(), seed)) {
            return training.bound(parameters, problem.validation(), task.samples(), seed);
        }
    }

    private LatentTraining training(EstimatorKind kind, Setting setting, UnaryOperator<Program> change) {
        return new LatentTraining(
                task.model(),
                kind.make(setting, budget.steps(), task.inputs(), task.choices()),
                change,
                budget,
                setting.rate());
    }

    @Override
    public List<Comparison> comparisons() {
        if (task == LatentTask.SMALL_VAE) {
            return List.of(); // reported beside the others
        }
        String method = EstimatorKind.GUMBEL_SOFTMAX.arm();
        return List.of(
                Comparison.better(BOUND, Goal.LOW, method, EstimatorKind.SCORE_FUNCTION.arm()),
                Comparison.better(BOUND, Goal.LOW, method, EstimatorKind.STRAIGHT_THROUGH.arm()));
    }
}
