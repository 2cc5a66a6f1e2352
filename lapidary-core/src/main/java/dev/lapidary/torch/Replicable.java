package dev.lapidary.torch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A model of which every thread can have a replica: the same weights in memory, gradients of its own.
 *
 * @param <W> the model's own type
 */
public interface Replicable<W extends Replicable<W>> extends AutoCloseable {
    /** Returns the leaves that gather gradients, in an order that all replicas share. They belong to the model. */
    List<Tensor> trained();

    /** Returns a replica, which reads the memory that this model reads now and which the caller closes first. */
    W replica();

    @Override
    void close();
}
