package dev.lapidary.torch.check;

import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** One input of a case: numbers that its type can hold, row-major, and how the tensor of them lies in memory. */
final class Operand {
    private final String name;
    private final double[] values;
    private final long[] shape;
    private final Layout layout;
    private final boolean differentiated;

    private Operand(String name, double[] values, long[] shape, Layout layout, boolean differentiated) {
        this.name = name;
        this.values = values;
        this.shape = shape;
        this.layout = layout;
        this.differentiated = differentiated;
    }

    /** How a tensor lies in memory. */
    enum Layout {
        ROW_MAJOR,
        /** The last two axes the other way round. */
        TRANSPOSED,
        /** Of images [images, channels, rows, columns]: the channels of one pixel together. */
        CHANNELS_LAST;

        /** Row-major in every other case. */
        static Layout alternating(int round, Layout other) {
            return round % 2 == 0 ? ROW_MAJOR : other;
        }
    }

    static Operand of(String name, double[] values, long... shape) {
        return new Operand(name, values, shape, Layout.ROW_MAJOR, true);
    }

    Operand in(Layout other) {
        return new Operand(name, values, shape, other, differentiated);
    }

    /** The same, of which no gradient is asked; such operands come last. */
    Operand fixed() {
        return new Operand(name, values, shape, layout, false);
    }

    String name() {
        return name;
    }

    double[] values() {
        return values;
    }

    boolean differentiated() {
        return differentiated;
    }

    /** A leaf tensor of the values. */
    Tensor tensor(NumberType type) {
        Tensor plain = Tensors.of(values, shape).to(type.scalar());
        return switch (layout) {
            case ROW_MAJOR -> plain;
            case TRANSPOSED -> plain.transpose(-1, -2).contiguous().transpose(-1, -2);
            case CHANNELS_LAST -> plain.contiguous(MemoryFormat.ChannelsLast);
        };
    }

    @Override
    public String toString() {
        String order = switch (layout) {
            case ROW_MAJOR -> "";
            case TRANSPOSED -> " transposed";
            case CHANNELS_LAST -> " channels last";
        };
        return name + " " + Arrays.toString(shape) + order;
    }
}
