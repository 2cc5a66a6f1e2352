package dev.lapidary.torch;

import dev.lapidary.torch.ConvolutionCheck.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A kind of convolution, with random small shapes of it. */
enum ConvolutionKind {
    ONE_AXIS("convolution 1-D", 2),
    TWO_AXES("convolution 2-D", 2),
    THREE_AXES("convolution 3-D", 3),
    TRANSPOSED("transposed convolution 2-D", 2),
    DEPTHWISE("depthwise convolution 2-D", 2),
    GROUPED("grouped convolution 2-D", 2);

    private static final int SEED = 3;
    private static final int CHANNELS = 33; // one more than a multiple of every block

    private final String label;
    private final int axes;

    ConvolutionKind(String label, int axes) {
        this.label = label;
        this.axes = axes;
    }

    String label() {
        return label;
    }

    /** Returns shapes, the same for the same count: batch 1 to 4, 1 to 33 channels, kernel 1 to 5 (3 over three axes). */
    List<Shape> shapes(ScalarType type, int count) {
        Random random = new Random(SEED);
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shapes.add(shape(type, random));
        }
        return shapes;
    }

    private Shape shape(ScalarType type, Random random) {
        int kernel = 1 + random.nextInt(axes == 3 ? 3 : 5);
        int side = kernel + random.nextInt(axes == 3 ? 4 : 12);
        int groups = 1 + random.nextInt(4);
        int in = 1 + random.nextInt(CHANNELS);
        int out = 1 + random.nextInt(CHANNELS);
        switch (this) {
            case DEPTHWISE -> {
                groups = in;
                out = in;
            }
            case GROUPED -> {
                in = groups * (1 + random.nextInt(5));
                out = groups * (1 + random.nextInt(5));
            }
            default -> groups = 1;
        }
        boolean line = this == ONE_AXIS;
        ConvolutionGeometry geometry = new ConvolutionGeometry(
                1 + random.nextInt(2),
                line ? 0 : random.nextInt(kernel / 2 + 1),
                kernel * 2 - 1 <= side ? 1 + random.nextInt(2) : 1,
                groups);
        return new Shape(
                this == TRANSPOSED,
                List.of(1 + random.nextInt(4), in, out),
                line ? List.of(1, side * 3) : List.of(side, side + 1, side).subList(0, axes),
                line ? List.of(1, kernel) : List.of(kernel, kernel, kernel).subList(0, axes),
                geometry,
                type);
    }
}
