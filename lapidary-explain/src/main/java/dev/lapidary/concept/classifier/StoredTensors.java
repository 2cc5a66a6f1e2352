package dev.lapidary.concept.classifier;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads a model's tensors and says what is wrong where one is missing, of another shape or not finite. */
public final class StoredTensors {
    private StoredTensors() {}

    /** Rows [n, width] as one tensor. */
    public static TensorView of(String name, float[][] rows, int width) {
        float[] all = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * width, width);
        }
        return TensorView.of(name, all, rows.length, width);
    }

    /** Returns a tensor that must be there and of a rank. */
    public static TensorView require(Map<String, TensorView> tensors, String name, int rank) {
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
        return finite(name, view.toDoubles());
    }

    private static double[] finite(String name, double[] values) {
        if (!Arrays.stream(values).allMatch(Double::isFinite)) {
            throw new InputException("tensor " + name + " must be finite; got NaN or infinity");
        }
        return values;
    }

    /** A matrix of at least one row and one column, in float64. */
    static double[][] matrix(Map<String, TensorView> tensors, String name) {
        TensorView view = require(tensors, name, 2);
        if (view.count() == 0) {
            throw new InputException("tensor " + name + " must have rows and columns; got shape " + view.shape());
        }
        int width = Math.toIntExact(view.shape().get(1));
        double[] flat = finite(name, view.toDoubles());
        double[][] rows = new double[flat.length / width][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
        }
        return rows;
    }

    static float[][] rows(Map<String, TensorView> tensors, String name, int rows, int width) {
        float[] flat = shaped(tensors, name, rows, width).toFloats();
        float[][] out = new float[rows][];
        for (int i = 0; i < rows; i++) {
            out[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
            for (float value : out[i]) {
                if (!Float.isFinite(value)) {
                    throw new InputException("tensor " + name + " must be finite; got " + value + " in row " + i);
                }
            }
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
