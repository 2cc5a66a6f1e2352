package dev.lapidary.language;

import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * First weights: norms scale by 1, biases are 0, all else is normal with deviation 0.02, divided by √(2·layers) where a residual
 * branch ends. Each parameter's numbers depend on the seed and its name only.
 *
 * @see <a href="https://github.com/openai/gpt-2">Radford et al., 2019, for the scale of the residual branches</a>
 */
final class FreshWeights {
    private static final double DEVIATION = 0.02;

    private FreshWeights() {}

    static Weights of(ModelConfig config, long seed) {
        ParameterLayout.requireMemory("new weights", config, MemoryLimit.available());
        Weights weights = new Weights(config);
        ParameterLayout.shapes(config).forEach((name, shape) -> {
            try (var scope = TorchScope.open()) {
                weights.add(name, draw(config, seed, name, shape));
            }
        });
        return weights;
    }

    private static Tensor draw(ModelConfig config, long seed, String name, List<Long> shape) {
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        long count = shape.stream().reduce(1L, Math::multiplyExact);
        float[] values = new float[Math.toIntExact(count)];
        if (ParameterLayout.scalesNorm(name)) {
            Arrays.fill(values, 1f);
        } else if (!name.endsWith(".bias")) {
            double deviation =
                    ParameterLayout.endsBranch(name) ? DEVIATION / Math.sqrt(2.0 * config.layers()) : DEVIATION;
            long key = Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
            SplittableRandom random = new SplittableRandom(seed ^ key);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        }
        return Tensors.of(values, sizes);
    }
}
