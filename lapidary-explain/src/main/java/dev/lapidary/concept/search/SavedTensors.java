package dev.lapidary.concept.search;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;

/** Reads the tensors of a stored search, refusing what is missing or has the wrong type or shape. */
final class SavedTensors {
    private SavedTensors() {}

    static TensorView view(String name, FloatMatrix matrix) {
        return new TensorView(name, DType.F32, List.of((long) matrix.rows(), (long) matrix.width()), matrix.memory());
    }

    /** Copies a tensor F32 [rows, width] with at least one element. */
    static FloatMatrix matrix(Map<String, TensorView> tensors, String name) {
        TensorView view = require(tensors, name);
        List<Long> shape = view.shape();
        if (view.dtype() != DType.F32
                || shape.size() != 2
                || view.count() == 0
                || Math.max(shape.get(0), shape.get(1)) > Integer.MAX_VALUE) {
            throw new InputException("tensor '" + name + "' must be F32 [rows, width]; got " + view);
        }
        FloatMatrix matrix = FloatMatrix.allocate(
                Arena.ofAuto(), shape.get(0).intValue(), shape.get(1).intValue());
        matrix.memory().copyFrom(view.data());
        for (float value : view.toFloats()) {
            requireFinite(name, value);
        }
        return matrix;
    }

    /** Copies a tensor F64 of the given number of elements. */
    static double[] doubles(Map<String, TensorView> tensors, String name, int length) {
        TensorView view = require(tensors, name);
        if (view.dtype() != DType.F64 || view.count() != length) {
            throw new InputException("tensor '" + name + "' must be F64 [" + length + "]; got " + view);
        }
        double[] values = view.toDoubles();
        for (double value : values) {
            requireFinite(name, value);
        }
        return values;
    }

    private static void requireFinite(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new InputException("tensor '" + name + "' must be finite; got " + value);
        }
    }

    private static TensorView require(Map<String, TensorView> tensors, String name) {
        TensorView view = tensors.get(name);
        if (view == null) {
            throw new InputException("tensors must include '" + name + "'; got " + tensors.keySet());
        }
        return view;
    }
}
