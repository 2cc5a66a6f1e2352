package dev.lapidary.estimator;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.nn.Forward;
import dev.lapidary.relax.Noise;
import dev.lapidary.torch.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * One step of a training, as an estimator sees it.
 *
 * @param forward the parameters, those of the estimator among them
 * @param noise of the choices; an estimate is a function of it and of the step
 * @param step from 0
 * @param context what each row's loss may be predicted from without its choices [rows, width], a constant
 */
public record Pass(Forward forward, CounterNoise noise, long step, Tensor context) {
    private static final long PLACES = 64;

    /** Returns standard Gumbel noise, float32, of the logits' shape for one of a program's choices, from 0. */
    Tensor gumbel(int place, Tensor logits) {
        return gumbel(noise, step, place, Tensors.shape(logits));
    }

    static Tensor gumbel(CounterNoise noise, long step, int place, long... shape) {
        if (place >= PLACES) {
            throw new IllegalArgumentException("a program must make at most " + PLACES + " choices; got more");
        }
        return Noise.gumbel(noise, Math.addExact(Math.multiplyExact(step, PLACES), (long) place), shape);
    }
}
