package dev.lapidary.latent;

import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.HardChoices;
import dev.lapidary.estimator.Pass;
import dev.lapidary.estimator.Program;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Parameter;
import dev.lapidary.nn.Parameters;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.optim.Schedule;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a model with latent variables by an estimator, and evaluates it with one-hot draws whatever it was trained with.
 *
 * <p>First weights, batches and noise are functions of the seed alone: estimators start from the same weights and see the same batches.
 *
 * @param model to train
 * @param estimator of the gradient; one with a state serves one training
 * @param change made to the program in training and evaluation; the identity for none
 * @param budget how long
 * @param rate learning rate of Adam at the start; it falls along half a cosine to a tenth
 */
public record LatentTraining(
        LatentModel model, GradientEstimator estimator, UnaryOperator<Program> change, Budget budget, double rate) {
    private static final long TRAINING_NOISE = 0x7241;
    private static final long EVALUATION_NOISE = 0x6574;
    private static final int CHUNK = 250; // rows that are evaluated together

    /**
     * How long a training is.
     *
     * @param steps of the optimiser
     * @param batch rows of a step
     */
    public record Budget(int steps, int batch) {}

    /**
     * Items in pairs.
     *
     * @param inputs [items, inputs]
     * @param targets [items, targets]
     */
    @SuppressWarnings("ArrayRecordComponent") // data to be read
    public record Items(float[][] inputs, float[][] targets) {
        Tensor inputs(int[] items) {
            return rows(inputs, items);
        }

        Tensor targets(int[] items) {
            return rows(targets, items);
        }

        private static Tensor rows(float[][] from, int[] items) {
            int width = from[0].length;
            float[] flat = new float[items.length * width];
            for (int i = 0; i < items.length; i++) {
                System.arraycopy(from[items[i]], 0, flat, i * width, width);
            }
            return Tensors.of(flat, items.length, width);
        }
    }

    /** Returns the model trained on items; the caller closes its parameters. */
    public Parameters train(Items items, long seed) {
        List<Parameter> all = Stream.of(model.parameters(), estimator.parameters())
                .flatMap(List::stream)
                .toList();
        Parameters parameters = Parameters.draw(all, seed);
        Schedule schedule = Schedule.cosine(1, 0.1).times(rate);
        EpochOrder order = new EpochOrder(seed, items.inputs().length, budget.batch());
        CounterNoise noise = new CounterNoise(seed, TRAINING_NOISE);
        try (AdamW adam = new AdamW(parameters.values(), AdamSettings.defaults())) {
            for (int step = 0; step < budget.steps(); step++) {
                try (var scope = TorchScope.open()) {
                    int[] batch = order.batch(step);
                    Tensor input = items.inputs(batch);
                    Forward forward = Forward.training(parameters, seed, step);
                    LatentModel.Objective objective = model.objective(forward, input, items.targets(batch));
                    Pass pass = new Pass(forward, noise, step, input);
                    Tensor surrogate = estimator
                            .estimate(change.apply(objective.program()), pass)
                            .surrogate();
                    surrogate.add(objective.penalty().mean()).backward();
                    adam.step(step + 1, schedule.at(step, budget.steps()));
                }
            }
        }
        return parameters;
    }

    /**
     * Returns the mean bound of items, in nats an item.
     *
     * @param samples one-hot draws of each item
     */
    public double bound(Parameters parameters, Items items, int samples, long seed) {
        CounterNoise noise = new CounterNoise(seed, EVALUATION_NOISE);
        int count = items.inputs().length;
        double sum = 0;
        for (int from = 0; from < count; from += CHUNK) {
            int[] rows = new int[Math.min(CHUNK, count - from)];
            int first = from;
            Arrays.setAll(rows, i -> first + i);
            try (var scope = TorchScope.open();
                    var still = new NoGradGuard()) {
                LatentModel.Objective objective = model.objective(
                        Forward.evaluating(parameters), items.inputs(rows), items.targets(rows));
                Tensor losses = change.apply(objective.program())
                        .loss(HardChoices.several(noise, from / CHUNK, samples)); // [samples, rows]
                sum += model.bound(losses, objective.penalty()).sum().item_double();
            }
        }
        return sum / count;
    }
}
