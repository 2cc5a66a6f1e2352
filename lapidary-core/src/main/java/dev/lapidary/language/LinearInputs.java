package dev.lapidary.language;

import org.bytedeco.pytorch.Tensor;

/** Sees what flows into the prunable linear layers of a block. */
@FunctionalInterface
public interface LinearInputs {
    /**
     * Called just before a layer is applied; layers that share their input (query, key, value; gate, up) are called one after
     * the other with the same tensor.
     *
     * @param weight the parameter's name
     * @param x [batch, length, in], open during the call only
     */
    void input(String weight, Tensor x);
}
