package dev.lapidary.contrast;

import dev.lapidary.onnx.OnnxConstants;
import dev.lapidary.onnx.OnnxConstants.Constant;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Reads back what {@link OnnxNetwork} writes: the weights of an image network, and its sizes, which follow from theirs. */
record FoldedNetworkFile(NetworkShape shape, FoldedWeights weights) {
    /**
     * Reads a file.
     *
     * @param side of the images in pixels
     * @throws InputException where it holds another network
     */
    static FoldedNetworkFile read(Path file, int side) {
        Map<String, Constant> constants = OnnxConstants.read(file);
        List<Long> stem = shape(file, constants, "image.stem.weight", 4);
        List<Long> projection = shape(file, constants, ImageNetwork.PROJECTION, 2);
        int blocks = 0;
        while (constants.containsKey("image.stage0.block" + blocks + ".first.weight")) {
            blocks++;
        }
        NetworkShape shape =
                new NetworkShape(side, Math.toIntExact(stem.getFirst()), blocks, Math.toIntExact(projection.getLast()));
        Map<String, float[]> kernels = new LinkedHashMap<>();
        Map<String, float[]> biases = new LinkedHashMap<>();
        ImageNetwork.convolutions(shape).forEach((name, layer) -> {
            long kernel = layer.kernel();
            kernels.put(name, values(file, constants, name + ".weight", layer.out(), layer.in(), kernel, kernel));
            biases.put(name, values(file, constants, name + ".bias", layer.out()));
        });
        float[] last = values(file, constants, ImageNetwork.PROJECTION, shape.features(), shape.embedding());
        return new FoldedNetworkFile(shape, new FoldedWeights(kernels, biases, last));
    }

    private static List<Long> shape(Path file, Map<String, Constant> constants, String name, int axes) {
        Constant found = constants.get(name);
        if (found == null || found.shape().size() != axes) {
            throw new InputException(file + ": must hold " + name + " with " + axes + " axes; got "
                    + (found == null ? "nothing" : found.shape()));
        }
        return found.shape();
    }

    private static float[] values(Path file, Map<String, Constant> constants, String name, long... sizes) {
        Constant found = constants.get(name);
        if (found == null || !found.shape().equals(LongStream.of(sizes).boxed().toList())) {
            throw new InputException(file + ": must hold " + name + " of shape " + Arrays.toString(sizes) + "; got "
                    + (found == null ? "nothing" : found.shape()));
        }
        return found.values();
    }
}
