package dev.lapidary.language;

import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The forward and backward passes of training steps, side by side where the model is small, and their gradients added up.
 *
 * <p>How a step is cut into passes is the caller's choice, must not depend on the number of threads, and gradients are added in the
 * order of the passes: so every number of threads gives the same bytes. A step of a small model is best cut into passes of some
 * hundred tokens, each on one thread: its operations are too short to share. Every pass under way but the first gathers gradients
 * in memory of its own, so models of more than {@value #MOST_COPIED} trained weights, whose operations are long, take their passes
 * one after the other, each on all threads.
 */
public final class TrainingPasses implements AutoCloseable {
    private static final long MOST_COPIED = 1L << 25; // weights: 128 MiB for each further thread

    private final LanguageModel model;
    private final List<Tensor> trained;
    private final @Nullable TorchCrew crew;
    private final List<LanguageModel> twins = new ArrayList<>();
    private final BlockingQueue<LanguageModel> idle;

    /** One forward and backward pass. */
    @FunctionalInterface
    public interface Pass {
        /**
         * Adds to the gradients of a model, the trained one or another on the same weights.
         *
         * @param index of the pass in the step, from 0
         * @return the part of the step's loss
         */
        double run(LanguageModel model, int index);
    }

    /**
     * Prepares steps of so many passes at most.
     *
     * @param model which stays the caller's; what it reads must stay the same tensors until this closes
     */
    public TrainingPasses(LanguageModel model, int passes) {
        this.model = model;
        trained = model.trained();
        long weights = trained.stream().mapToLong(Tensor::numel).sum();
        int threads = underWay(weights, passes);
        crew = sideBySide(weights) ? new TorchCrew(threads) : null;
        idle = new ArrayBlockingQueue<>(Math.max(1, threads));
        for (int i = 0; i < copies(weights, passes); i++) {
            twins.add(model.twin());
        }
        idle.addAll(twins);
    }

    /** Whether passes of a model with so many trained weights run side by side, each on one thread. */
    public static boolean sideBySide(long trainedWeights) {
        return trainedWeights <= MOST_COPIED;
    }

    /** Returns how many passes run at once. */
    public static int underWay(long trainedWeights, int passes) {
        return sideBySide(trainedWeights) ? Math.min(Torch.threads(), passes) : 1;
    }

    /** Returns how many further copies of all gradients are held. */
    public static int copies(long trainedWeights, int passes) {
        return sideBySide(trainedWeights) ? Math.min(Torch.threads(), passes - 1) : 0;
    }

    /** Returns the threads, each on its own; null where passes take all threads together. */
    @Nullable
    TorchCrew crew() {
        return crew;
    }

    /** Runs the passes of a step, leaves their gradients in the model and returns the sum of their losses. */
    public double run(int passes, Pass pass) {
        double loss = 0;
        if (crew == null) {
            for (int i = 0; i < passes; i++) {
                loss += pass.run(model, i);
            }
            return loss;
        }
        twins.forEach(twin -> twin.multiplyIn(model.products()));
        Turns turns = new Turns();
        List<Future<Double>> running = new ArrayList<>();
        for (int i = 0; i < passes; i++) {
            int index = i;
            running.add(crew.submit(() -> turn(turns, index, pass)));
        }
        return sum(running);
    }

    /** Waits for all, and only then throws what the first that failed threw. */
    private static double sum(List<Future<Double>> running) {
        double loss = 0;
        Throwable failure = null;
        for (Future<Double> each : running) {
            try {
                loss += TorchCrew.result(each);
            } catch (RuntimeException | Error e) {
                failure = failure == null ? e : failure;
            }
        }
        switch (failure) {
            case null -> {
                return loss;
            }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private double turn(Turns turns, int index, Pass pass) throws InterruptedException {
        boolean done = false;
        try {
            double loss = index == 0 ? pass.run(model, 0) : apart(turns, index, pass);
            done = true;
            return loss;
        } finally {
            turns.end(index, done);
        }
    }

    private double apart(Turns turns, int index, Pass pass) throws InterruptedException {
        LanguageModel twin = idle.take();
        try {
            double loss = pass.run(twin, index);
            turns.await(index);
            add(twin);
            return loss;
        } finally {
            forget(twin);
            idle.add(twin);
        }
    }

    private void add(LanguageModel twin) {
        try (var scope = TorchScope.open()) {
            List<Tensor> theirs = twin.trained();
            for (int i = 0; i < trained.size(); i++) {
                Tensor more = theirs.get(i).grad();
                if (more.defined()) {
                    addGradient(trained.get(i), more);
                }
            }
        }
    }

    /** Adds to the gradient of a leaf, which may have none yet. */
    static void addGradient(Tensor leaf, Tensor more) {
        Tensor sum = leaf.mutable_grad();
        if (sum.defined()) {
            sum.add_(more);
        } else {
            sum.put(more);
        }
    }

    private void forget(LanguageModel twin) {
        try (var scope = TorchScope.open()) {
            twin.trained().forEach(tensor -> tensor.mutable_grad().reset());
        }
    }

    /** Whose turn it is to add gradients. */
    private static final class Turns {
        private int turn;
        private int failed = Integer.MAX_VALUE; // the first pass that did

        synchronized void await(int index) throws InterruptedException {
            while (turn < index && failed > index) {
                wait();
            }
            if (failed < index) {
                throw new IllegalStateException(
                        "the passes before " + index + " must end normally; got that " + failed + " failed");
            }
        }

        synchronized void end(int index, boolean well) {
            if (well) {
                turn = index + 1;
            } else {
                failed = Math.min(failed, index);
            }
            notifyAll();
        }
    }

    @Override
    public void close() {
        if (crew != null) {
            crew.close();
        }
        twins.forEach(LanguageModel::close);
    }
}
