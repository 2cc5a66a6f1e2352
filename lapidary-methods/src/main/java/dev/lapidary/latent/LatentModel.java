package dev.lapidary.latent;

import dev.lapidary.estimator.Program;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Parameter;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A probabilistic model of binary pixels whose latent variables are categorical. Tensors that it returns belong to the open scope. */
public sealed interface LatentModel permits CategoricalVae, StructuredPredictor {
    /** Returns the model's parameters. */
    List<Parameter> parameters();

    /**
     * Returns what is to be minimised.
     *
     * @param input what the latent variables are inferred from [rows, inputs], float32 or float64
     * @param target pixels that they explain, 0 or 1 [rows, targets]
     */
    Objective objective(Forward forward, Tensor input, Tensor target);

    /**
     * Returns an upper bound [rows] of −ln p(target), or an estimate of one, in nats.
     *
     * @param losses of several choices a row [samples, rows]
     * @param penalty of the same objective [rows]
     */
    Tensor bound(Tensor losses, Tensor penalty);

    /**
     * An objective: the mean over rows of the program's expected loss plus the penalty.
     *
     * @param program whose loss is −ln p(target | latent variables), in nats
     * @param penalty [rows] what does not depend on choices; 0 where there is none
     */
    record Objective(Program program, Tensor penalty) {}
}
