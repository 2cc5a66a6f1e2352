package dev.lapidary.torch;

import dev.lapidary.torch.ConvolutionCheck.Shape;
import java.util.ArrayList;
import java.util.Collections;
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
    private static final int MANY = 6; // one shape in six has up to 132 channels
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

    /** Returns shapes, the same for the same count: batch 1 to 4, 1 to 132 channels, kernel 1 to 5 (3 over three axes), maps from 1. */
    List<Shape> shapes(ScalarType type, int count) {
        Random random = new Random(SEED);
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shapes.add(shape(type, random));
        }
        return shapes;
    }

    private Shape shape(ScalarType type, Random random) {
        while (true) {
            Shape shape = draw(type, random);
            if (shape.hasOutputs()) {
                return shape;
            }
        }
    }

    private Shape draw(ScalarType type, Random random) {
        int most = random.nextInt(MANY) == 0 ? 4 * CHANNELS : CHANNELS;
        int groups = 1 + random.nextInt(4);
        int in = 1 + random.nextInt(most);
        int out = 1 + random.nextInt(most);
        switch (this) {
            case DEPTHWISE -> {
                groups = in;
                out = in;
            }
            case GROUPED -> {
                in = groups * (1 + random.nextInt(9));
                out = groups * (1 + random.nextInt(9));
            }
            default -> groups = 1;
        }
        boolean line = this == ONE_AXIS;
        List<Integer> kernel = new ArrayList<>();
        List<Integer> spatial = new ArrayList<>();
        for (int axis = 0; axis < axes; axis++) {
            boolean flat = line && axis == 0;
            kernel.add(flat ? 1 : 1 + random.nextInt(axes == 3 ? 3 : 5));
            spatial.add(flat ? 1 : 1 + random.nextInt(axes == 3 ? 6 : line ? 40 : 14));
        }
        int dilation = 1 + random.nextInt(3) / 2 * (1 + random.nextInt(2)); // mostly 1
        int reach = dilation * (Collections.max(kernel) - 1) + 1;
        ConvolutionGeometry geometry =
                new ConvolutionGeometry(1 + random.nextInt(3), line ? 0 : random.nextInt(reach + 1), dilation, groups);
        return new Shape(this == TRANSPOSED, List.of(1 + random.nextInt(4), in, out), spatial, kernel, geometry, type);
    }
}
