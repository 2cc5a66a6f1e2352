package dev.lapidary.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The forward and backward passes of a training step, cut into microbatches that run side by side, and their gradients added up.
 *
 * <p>How a step is cut is the caller's choice and must not depend on the number of threads. Gradients and losses are added in the
 * order of the microbatches, so every number of threads gives the same bytes. For a small model microbatches of some hundred items
 * are best, each on one thread: its operations are too short to share. Every microbatch under way but the first gathers gradients in
 * memory of its own, so models of more than {@value #MOST_COPIED} trained weights, whose operations are long, take their
 * microbatches one after the other, each on all threads.
 *
 * @param <W> the model
 */
public final class Microbatches<W extends Replicable<W>> implements AutoCloseable {
    private static final long MOST_COPIED = 1L << 25; // weights: 128 MiB for each further thread

    private final W model;
    private final int most;
    private final List<Tensor> trained;
    private final @Nullable TorchCrew crew;
    private final List<W> replicas = new ArrayList<>();
    private final BlockingQueue<W> idle;

    /**
     * One forward and backward pass.
     *
     * @param <W> the model
     */
    @FunctionalInterface
    public interface Pass<W> {
        /**
         * Adds to the gradients of a model, the trained one or a replica.
         *
         * @param index of the microbatch in the step, from 0
         * @return its part of the step's loss
         */
        double run(W model, int index);
    }

    /**
     * Prepares steps of some microbatches.
     *
     * @param model stays the caller's; where its weights lie must not change until this closes, so an optimiser that moves them is made
     *     before
     * @param most microbatches of a step
     */
    public Microbatches(W model, int most) {
        this.model = model;
        this.most = most;
        trained = model.trained();
        long weights = trained.stream().mapToLong(Tensor::numel).sum();
        crew = sideBySide(weights) ? new TorchCrew(Torch.threads()) : null;
        int copies = copies(weights, most);
        for (int i = 0; i < copies; i++) {
            replicas.add(model.replica());
        }
        idle = new ArrayBlockingQueue<>(Math.max(1, copies), false, replicas);
    }

    /** Whether microbatches of a model with a number of trained weights run side by side, each on one thread. */
    public static boolean sideBySide(long trainedWeights) {
        return trainedWeights <= MOST_COPIED;
    }

    /** Returns how many microbatches run at once. */
    public static int underWay(long trainedWeights, int most) {
        return sideBySide(trainedWeights) ? Math.min(Torch.threads(), most) : 1;
    }

    /** Returns how many further copies of all gradients are held. */
    public static int copies(long trainedWeights, int most) {
        return sideBySide(trainedWeights) ? Math.min(Torch.threads(), most - 1) : 0;
    }

    /** Returns the threads, each on its own, for other work of the step; null where microbatches take all threads together. */
    public @Nullable TorchCrew crew() {
        return crew;
    }

    /** Runs the microbatches of a step, adds their gradients to the model's and returns the sum of their losses. */
    public double run(int count, Pass<W> pass) {
        if (count < 1 || count > most) {
            throw new IllegalArgumentException("microbatches of a step must be from 1 to " + most + "; got " + count);
        }
        if (crew == null) {
            return inOrder(count, index -> pass.run(model, index));
        }
        Turns turns = new Turns();
        return crew.sum(count, index -> turn(turns, index, pass));
    }

    /** Returns the sum of what is measured on pieces of data, without gradients; side by side as microbatches are. */
    public double measure(int pieces, IntToDoubleFunction measure) {
        IntToDoubleFunction still = piece -> {
            try (var scope = TorchScope.open();
                    var guard = new NoGradGuard()) {
                return measure.applyAsDouble(piece);
            }
        };
        return crew == null ? inOrder(pieces, still) : crew.sum(pieces, still);
    }

    private static double inOrder(int count, IntToDoubleFunction work) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += work.applyAsDouble(i);
        }
        return sum;
    }

    private double turn(Turns turns, int index, Pass<W> pass) {
        boolean done = false;
        try {
            double loss = index == 0 ? pass.run(model, 0) : apart(turns, index, pass);
            done = true;
            return loss;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("a microbatch was interrupted", e);
        } finally {
            turns.end(index, done);
        }
    }

    private double apart(Turns turns, int index, Pass<W> pass) throws InterruptedException {
        W replica = idle.take();
        try {
            double loss = pass.run(replica, index);
            turns.await(index);
            add(replica.trained());
            return loss;
        } finally {
            forget(replica.trained());
            idle.add(replica);
        }
    }

    private void add(List<Tensor> leaves) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            for (int i = 0; i < leaves.size(); i++) {
                Tensor more = leaves.get(i).grad();
                if (more.defined()) {
                    addGradient(trained.get(i), more);
                }
            }
        }
    }

    /** Adds to the gradient of a leaf, which may have none yet. */
    public static void addGradient(Tensor leaf, Tensor more) {
        Tensor sum = leaf.mutable_grad();
        if (sum.defined()) {
            sum.add_(more);
        } else {
            sum.put(more);
        }
    }

    private static void forget(List<Tensor> leaves) {
        try (var scope = TorchScope.open()) {
            leaves.forEach(leaf -> leaf.mutable_grad().reset());
        }
    }

    /** Whose turn it is to add gradients. */
    private static final class Turns {
        private int turn;
        private int failed = Integer.MAX_VALUE; // the first microbatch that did

        synchronized void await(int index) throws InterruptedException {
            while (turn < index && failed > index) {
                wait();
            }
            if (failed < index) {
                throw new IllegalStateException(
                        "the microbatches before " + index + " must end normally; got that " + failed + " failed");
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
        replicas.forEach(Replicable::close);
    }
}
