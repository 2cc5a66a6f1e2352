package dev.lapidary.torch.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** LSTM and GRU, forward and backward: one layer and several, one direction and both, both orders of texts and steps. */
final class RecurrentChecks {
    private static final int CASES = 6;
    private static final int LARGEST = 7;

    private RecurrentChecks() {}

    static List<CheckedOperation> all() {
        return List.of(
                new CheckedOperation("LSTM", NumberType.F32, trial -> recurrent(trial, true)),
                new CheckedOperation("GRU", NumberType.F32, trial -> recurrent(trial, false)));
    }

    private static void recurrent(Trial trial, boolean lstm) {
        for (int round = 0; round < CASES; round++) {
            PlainRecurrent plain = new PlainRecurrent(
                    lstm,
                    trial.size(2),
                    trial.size(4),
                    trial.size(LARGEST),
                    trial.size(LARGEST),
                    1 + round / 4, // the last cases have two layers
                    1 + round % 2,
                    round / 2 % 2 == 1);
            trial.compare(
                    plain.layers() + " layers, " + plain.directions() + " directions",
                    x -> lstm ? lstm(x, plain) : gru(x, plain),
                    plain,
                    operands(trial, plain));
        }
    }

    private static Operand[] operands(Trial trial, PlainRecurrent plain) {
        List<Operand> operands = new ArrayList<>();
        int units = plain.layers() * plain.directions();
        operands.add(
                plain.batchFirst()
                        ? trial.normal("input", plain.texts(), plain.steps(), plain.in())
                        : trial.normal("input", plain.steps(), plain.texts(), plain.in()));
        for (int s = 0; s < plain.states(); s++) {
            operands.add(trial.normal(s == 0 ? "state" : "cell", units, plain.texts(), plain.width()));
        }
        int rows = plain.gates() * plain.width();
        for (int unit = 0; unit < units; unit++) {
            int in = unit < plain.directions() ? plain.in() : plain.directions() * plain.width();
            operands.add(weights(trial, "input weight", rows, in));
            operands.add(weights(trial, "state weight", rows, plain.width()));
            operands.add(weights(trial, "input bias", rows));
            operands.add(weights(trial, "state bias", rows));
        }
        return operands.toArray(Operand[]::new);
    }

    /** Halves of normal numbers: the functions stay off their limits, so that every gradient counts. */
    private static Operand weights(Trial trial, String name, long... shape) {
        double[] values = trial.normal(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        return Operand.of(name, Arrays.stream(values).map(x -> x / 2).toArray(), shape);
    }

    private static Tensor[] lstm(Tensor[] x, PlainRecurrent plain) {
        T_TensorTensorTensor_T result = torch.lstm(
                x[0],
                new TensorVector(x[1], x[2]),
                new TensorVector(Arrays.copyOfRange(x, 3, x.length)),
                true,
                plain.layers(),
                0.0,
                true,
                plain.directions() == 2,
                plain.batchFirst());
        return new Tensor[] {result.get0(), result.get1(), result.get2()};
    }

    private static Tensor[] gru(Tensor[] x, PlainRecurrent plain) {
        T_TensorTensor_T result = torch.gru(
                x[0],
                x[1],
                new TensorVector(Arrays.copyOfRange(x, 2, x.length)),
                true,
                plain.layers(),
                0.0,
                true,
                plain.directions() == 2,
                plain.batchFirst());
        return new Tensor[] {result.get0(), result.get1()};
    }
}
