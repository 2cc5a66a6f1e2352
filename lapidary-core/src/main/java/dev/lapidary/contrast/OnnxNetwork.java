package dev.lapidary.contrast;

import static dev.lapidary.onnx.OnnxGraph.number;
import static dev.lapidary.onnx.OnnxGraph.numbers;

import dev.lapidary.onnx.OnnxGraph;
import java.util.List;
import java.util.Locale;

/** Writes the image network as ONNX: pixel_values [batch, 3, side, side] to image_embeds [batch, embedding]. */
final class OnnxNetwork implements ImageNetwork.Operations<String> {
    private static final String INPUT = "pixel_values";
    private static final String OUTPUT = "image_embeds";

    private final OnnxGraph graph = new OnnxGraph("lapidary image network");
    private final FoldedWeights weights;
    private int nodes;

    private OnnxNetwork(FoldedWeights weights) {
        this.weights = weights;
    }

    static OnnxGraph graph(NetworkShape shape, FoldedWeights weights) {
        OnnxNetwork network = new OnnxNetwork(weights);
        network.graph.input(INPUT, OnnxGraph.Element.FLOAT, "batch", 3, shape.side(), shape.side());
        ImageNetwork.walk(shape, network, INPUT);
        return network.graph.output(OUTPUT, "batch", shape.embedding());
    }

    private String node(String operator, List<String> inputs, OnnxGraph.Attribute... attributes) {
        String output = operator.toLowerCase(Locale.ROOT) + nodes++;
        graph.node(operator, inputs, output, attributes);
        return output;
    }

    @Override
    public String convolution(ImageNetwork.Convolution layer, String input) {
        int kernel = layer.kernel();
        String weight = layer.name() + ".weight";
        String bias = layer.name() + ".bias";
        graph.constant(weight, weights.kernel(layer.name()), layer.out(), layer.in(), kernel, kernel);
        graph.constant(bias, weights.bias(layer.name()));
        int edge = kernel / 2;
        return node(
                "Conv",
                List.of(input, weight, bias),
                numbers("kernel_shape", kernel, kernel),
                numbers("strides", layer.stride(), layer.stride()),
                numbers("pads", edge, edge, edge, edge));
    }

    @Override
    public String rectified(String input) {
        return node("Relu", List.of(input));
    }

    @Override
    public String sum(String one, String other) {
        return node("Add", List.of(one, other));
    }

    @Override
    public String halved(String input) {
        return node("AveragePool", List.of(input), numbers("kernel_shape", 2, 2), numbers("strides", 2, 2));
    }

    @Override
    public String mean(String input) {
        return node("Flatten", List.of(node("GlobalAveragePool", List.of(input))), number("axis", 1));
    }

    @Override
    public String projection(String name, String input, int in, int out) {
        graph.constant(name, weights.projection(), in, out);
        graph.node("MatMul", List.of(input, name), OUTPUT);
        return OUTPUT;
    }
}
