package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Rotary position embeddings: the pair (i, i + headWidth/2) of position p is turned by the angle p·f_i, with
 * f_i = base^(−2i/headWidth), scaled as the model says. Angles are calculated in float64, for as many positions as were asked for.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., RoFormer, 2021</a>
 */
final class RotaryTable implements AutoCloseable {
    private final double[] frequencies; // [headWidth / 2], radians per position
    private final int context;
    private @Nullable Tensor cosines; // [positions, 1, headWidth]
    private @Nullable Tensor sines;
    private int positions;

    RotaryTable(ModelConfig config) {
        context = config.context();
        frequencies = new double[config.headWidth() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(config.rotaryBase(), -2.0 * i / config.headWidth());
            frequencies[i] = config.rotaryScaling().scale(i, frequency);
        }
    }

    /** Turns x [batch, length, heads, headWidth] whose first position is given. */
    Tensor apply(Tensor x, long start) {
        long length = x.size(1);
        grow(Math.toIntExact(start + length));
        Tensor cos = Objects.requireNonNull(cosines).narrow(0, start, length);
        Tensor sin = Objects.requireNonNull(sines).narrow(0, start, length);
        TensorVector halves = x.chunk(2, 3);
        Tensor turned = torch.cat(new TensorVector(halves.get(1).neg(), halves.get(0)), 3);
        return x.mul(cos).add(turned.mul(sin));
    }

    private synchronized void grow(int wanted) {
        if (wanted <= positions) {
            return;
        }
        int grown = Math.max(wanted, Math.min(context, Math.max(256, 2 * positions)));
        int half = frequencies.length;
        float[] cos = new float[Math.multiplyExact(grown, 2 * half)];
        float[] sin = new float[cos.length];
        for (int p = 0; p < grown; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * frequencies[i];
                int at = p * 2 * half + i;
                cos[at] = cos[at + half] = (float) Math.cos(angle);
                sin[at] = sin[at + half] = (float) Math.sin(angle);
            }
        }
        try (var scope = TorchScope.open()) {
            close();
            cosines = TorchScope.hold(Tensors.of(cos, grown, 1, 2L * half));
            sines = TorchScope.hold(Tensors.of(sin, grown, 1, 2L * half));
        }
        positions = grown;
    }

    @Override
    public void close() {
        if (cosines != null && sines != null) {
            cosines.close();
            sines.close();
            cosines = null;
            sines = null;
            positions = 0;
        }
    }
}
