package dev.lapidary.contrast;

import dev.lapidary.runtime.settings.Settings;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What is trained on top of an image network together with its adapters, and gives the loss that they follow.
 *
 * <p>It sees scores S [images, M], the logit scale times the cosines of images and M concepts, and keeps nothing: its parameters are
 * handed to it by name. Its options are a record, and a checkpoint of another objective is not taken up. Tensors that it returns belong to the open {@link dev.lapidary.torch.TorchScope}.
 */
public interface AdapterObjective extends Settings {
    /** Adds first values of its own parameters. */
    void fresh(FreshParameters parameters, long concepts, int classes);

    /**
     * Returns the loss of a piece of a batch, a scalar.
     *
     * @param parameters by name, in the graph
     * @param scores S [images, M]
     * @param labels class of each image, [images]
     * @param seed of the training
     * @param draw a number that no other piece of the training has, for noise
     */
    Tensor loss(Map<String, Tensor> parameters, Tensor scores, long[] labels, long seed, long draw);

    /** Returns logits of the classes, [images, classes]. */
    Tensor logits(Map<String, Tensor> parameters, Tensor scores);
}
