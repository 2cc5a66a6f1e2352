package dev.lapidary.contrast;

import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;

/** First values of parameters by name; each one's numbers depend on the seed and its name only. */
public final class FreshParameters {
    private final long seed;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();

    FreshParameters(long seed) {
        this.seed = seed;
    }

    /** All so far, in their order; the open scope's, or the caller's to close. */
    Map<String, Tensor> all() {
        return parameters;
    }

    /** Normal numbers of mean 0. */
    void normal(String name, double deviation, long... shape) {
        drawn(name, random -> deviation * random.nextGaussian(), shape);
    }

    /** Numbers that are equally likely between minus bound and bound. */
    public void uniform(String name, double bound, long... shape) {
        drawn(name, random -> random.nextDouble(-bound, bound), shape);
    }

    private void drawn(String name, ToDoubleFunction<SplittableRandom> draw, long... shape) {
        long key = Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
        SplittableRandom random = new SplittableRandom(seed ^ key);
        float[] values = new float[count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draw.applyAsDouble(random);
        }
        put(name, values, shape);
    }

    /** The same number everywhere. */
    void filled(String name, double value, long... shape) {
        float[] values = new float[count(shape)];
        Arrays.fill(values, (float) value);
        put(name, values, shape);
    }

    /** Zeros. */
    void zeros(String name, long... shape) {
        filled(name, 0, shape);
    }

    private static int count(long... shape) {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }

    private void put(String name, float[] values, long... shape) {
        Tensor tensor = Tensors.of(values, shape);
        parameters.put(name, TorchScope.hold(tensor));
        tensor.close();
    }
}
