package dev.lapidary.contrast;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * First weights: convolutions normal with variance 2 / (inputs of a number), projections with variance 1 / inputs, normalisations
 * scale by 1, those that end a residual branch by 0.
 *
 * @see <a href="https://arxiv.org/abs/1502.01852">He et al., Delving Deep into Rectifiers, ICCV 2015</a>
 */
final class FreshEncoder {
    /** Name of the projection of texts [width, embedding]. */
    static final String TEXT_PROJECTION = "text.projection";
    /** Name of the natural logarithm of what cosines are multiplied with, [1]. */
    static final String LOGIT_SCALE = "logitScale";

    private static final double FIRST_TEMPERATURE = 0.07; // CLIP's

    private FreshEncoder() {}

    /** Returns the parameters by name; the open scope's, or the caller's to close. */
    static Map<String, Tensor> of(NetworkShape shape, int textWidth, long seed) {
        FreshParameters fresh = new FreshParameters(seed);
        for (ImageNetwork.Convolution layer : ImageNetwork.convolutions(shape).values()) {
            double inputs = layer.in() * layer.kernel() * layer.kernel();
            fresh.normal(
                    layer.name() + ".weight",
                    Math.sqrt(2 / inputs),
                    layer.out(),
                    layer.in(),
                    layer.kernel(),
                    layer.kernel());
            fresh.filled(layer.name() + ".scale", layer.last() ? 0 : 1, layer.out());
            fresh.zeros(layer.name() + ".shift", layer.out());
        }
        matrix(fresh, ImageNetwork.PROJECTION, shape.features(), shape.embedding());
        matrix(fresh, TEXT_PROJECTION, textWidth, shape.embedding());
        fresh.filled(LOGIT_SCALE, -Math.log(FIRST_TEMPERATURE), 1);
        return fresh.all();
    }

    private static void matrix(FreshParameters fresh, String name, int in, int out) {
        fresh.normal(name, Math.sqrt(1.0 / in), in, out);
    }
}
