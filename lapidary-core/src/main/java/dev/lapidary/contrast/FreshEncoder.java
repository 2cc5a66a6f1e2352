package dev.lapidary.contrast;

import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * First weights: convolutions normal with variance 2 / (inputs of a number), projections with variance 1 / inputs, normalisations
 * scale by 1, those that end a residual branch by 0. Each parameter's numbers depend on the seed and its name only.
 *
 * @see <a href="https://arxiv.org/abs/1502.01852">He et al., Delving Deep into Rectifiers, ICCV 2015</a>
 */
final class FreshEncoder {
    /** Name of the projection of texts [width, embedding]. */
    static final String TEXT_PROJECTION = "text.projection";
    /** Name of the natural logarithm of what cosines are multiplied with, [1]. */
    static final String LOGIT_SCALE = "logitScale";

    private static final double FIRST_TEMPERATURE = 0.07; // CLIP's

    private final long seed;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();

    private FreshEncoder(long seed) {
        this.seed = seed;
    }

    /** Returns the parameters by name; the open scope's, or the caller's to close. */
    static Map<String, Tensor> of(NetworkShape shape, int textWidth, long seed) {
        FreshEncoder fresh = new FreshEncoder(seed);
        ImageNetwork.convolutions(shape).values().forEach(fresh::convolution);
        fresh.matrix(ImageNetwork.PROJECTION, shape.features(), shape.embedding());
        fresh.matrix(TEXT_PROJECTION, textWidth, shape.embedding());
        fresh.put(LOGIT_SCALE, new float[] {(float) -Math.log(FIRST_TEMPERATURE)}, 1);
        return fresh.parameters;
    }

    private void convolution(ImageNetwork.Convolution layer) {
        int inputs = layer.in() * layer.kernel() * layer.kernel();
        put(
                layer.name() + ".weight",
                normal(layer.name(), layer.out() * inputs, Math.sqrt(2.0 / inputs)),
                layer.out(),
                layer.in(),
                layer.kernel(),
                layer.kernel());
        float[] scale = new float[layer.out()];
        Arrays.fill(scale, layer.last() ? 0 : 1);
        put(layer.name() + ".scale", scale, layer.out());
        put(layer.name() + ".shift", new float[layer.out()], layer.out());
    }

    private void matrix(String name, int in, int out) {
        put(name, normal(name, in * out, Math.sqrt(1.0 / in)), in, out);
    }

    private float[] normal(String name, int count, double deviation) {
        long key = Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
        SplittableRandom random = new SplittableRandom(seed ^ key);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private void put(String name, float[] values, long... shape) {
        Tensor tensor = Tensors.of(values, shape);
        parameters.put(name, TorchScope.hold(tensor));
        tensor.close();
    }
}
