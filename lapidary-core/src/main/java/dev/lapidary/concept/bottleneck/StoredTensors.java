package dev.lapidary.concept.bottleneck;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.TensorView;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads a model's tensors and says what is wrong where one is missing, of another shape or not finite. */
final class StoredTensors {
    private StoredTensors() {}

    /** Rows [n, width] as one tensor. */
    static TensorView of(String name, float[][] rows, int width) {
        float[] all = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * width, width);
        }
        return TensorView.of(name, all, rows.length, width);
    }

    static TensorView require(Map<String, TensorView> tensors, String name, int rank) {
        TensorView view = tensors.get(name);
        if (view == null) {
            throw new InputException("a model must hold the tensor " + name + "; got " + tensors.keySet());
        }
        if (view.shape().size() != rank) {
            throw new InputException("tensor " + name + " must have rank " + rank + "; got shape " + view.shape());
        }
        return view;
    }

    static double[] doubles(Map<String, TensorView> tensors, String name, long length) {
        TensorView view = shaped(tensors, name, length);
        double[] values = view.toDoubles();
        if (!Arrays.stream(values).allMatch(Double::isFinite)) {
            throw new InputException("tensor " + name + " must be finite; got NaN or infinity");
        }
        return values;
    }

    static float[][] rows(Map<String, TensorView> tensors, String name, int rows, int width) {
        float[] flat = shaped(tensors, name, rows, width).toFloats();
        float[][] out = new float[rows][];
        for (int i = 0; i < rows; i++) {
            out[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
        }
        return out;
    }

    private static TensorView shaped(Map<String, TensorView> tensors, String name, long... shape) {
        TensorView view = require(tensors, name, shape.length);
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!view.shape().equals(wanted)) {
            throw new InputException("tensor " + name + " must have shape " + wanted + "; got " + view.shape());
        }
        return view;
    }
}
