package dev.lapidary.torch.check;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Calls an operation of PyTorch. */
@FunctionalInterface
interface NativeCall {
    Tensor[] apply(Tensor[] inputs);

    /** One of an operation with one output. */
    static NativeCall of(Function<Tensor[], Tensor> operation) {
        return inputs -> new Tensor[] {operation.apply(inputs)};
    }
}
