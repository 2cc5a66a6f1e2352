package dev.lapidary.contrast;

import dev.lapidary.torch.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of a trained image network, each batch normalisation folded into the convolution before it.
 *
 * @param kernels by convolution: [out, in, kernel, kernel] float32
 * @param biases by convolution: [out] float32
 * @param projection [features, embedding]
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record FoldedWeights(Map<String, float[]> kernels, Map<String, float[]> biases, float[] projection) {
    /** Folds what batch normalisation does where nothing is trained, by the mean of the statistics; in the open scope. */
    static FoldedWeights of(NetworkShape shape, Map<String, Tensor> parameters, NormalisationStatistics statistics) {
        Map<String, float[]> kernels = new LinkedHashMap<>();
        Map<String, float[]> biases = new LinkedHashMap<>();
        NormalisationStatistics.Row row = statistics.meanRow();
        for (ImageNetwork.Convolution layer : ImageNetwork.convolutions(shape).values()) {
            String name = layer.name();
            float[] kernel = floats(parameters, name + ".weight");
            float[] scale = floats(parameters, name + ".scale");
            float[] shift = floats(parameters, name + ".shift");
            float[] mean = Tensors.toFloats(row.mean(name));
            float[] variance = Tensors.toFloats(row.variance(name));
            float[] bias = new float[layer.out()];
            int each = kernel.length / layer.out();
            for (int out = 0; out < layer.out(); out++) {
                double factor = scale[out] / Math.sqrt(variance[out] + TorchNetwork.EPSILON);
                for (int i = 0; i < each; i++) {
                    kernel[out * each + i] = (float) (kernel[out * each + i] * factor);
                }
                bias[out] = (float) (shift[out] - mean[out] * factor);
            }
            kernels.put(name, kernel);
            biases.put(name, bias);
        }
        return new FoldedWeights(kernels, biases, floats(parameters, ImageNetwork.PROJECTION));
    }

    private static float[] floats(Map<String, Tensor> parameters, String name) {
        return Tensors.toFloats(Objects.requireNonNull(parameters.get(name), name));
    }

    /** Trained values. */
    long size() {
        return Stream.of(kernels.values().stream(), biases.values().stream(), Stream.of(projection))
                .flatMap(some -> some)
                .mapToLong(values -> values.length)
                .sum();
    }

    float[] kernel(String layer) {
        return Objects.requireNonNull(kernels.get(layer), layer);
    }

    float[] bias(String layer) {
        return Objects.requireNonNull(biases.get(layer), layer);
    }
}
