package dev.lapidary.torch.check;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * An operation that is checked in one type.
 *
 * @param name what it is called
 * @param cases computes the cases
 */
record CheckedOperation(String name, NumberType type, Consumer<Trial> cases) {
    private static final long SEED = 16;

    /** Computes the cases, the same at every call. */
    OperationCheck check() {
        return check(UnaryOperator.identity());
    }

    /** The same on outputs that went through a filter: a test of the check puts a fault there. */
    OperationCheck check(UnaryOperator<Tensor> filter) {
        Trial trial = new Trial(type, filter, SEED);
        try {
            cases.accept(trial);
        } catch (RuntimeException | LinkageError thrown) { // LibTorch's own errors come as RuntimeException
            trial.fail(String.valueOf(thrown.getMessage()).lines().findFirst().orElse("it threw " + thrown));
        }
        return OperationCheck.of(name, type.label(), trial.finding());
    }
}
