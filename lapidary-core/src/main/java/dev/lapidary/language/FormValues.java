package dev.lapidary.language;

import dev.lapidary.linear.LinearForm;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The numbers of a linear layer's form, apart from {@link StoredModel}, which needs PyTorch for such layers only. */
final class FormValues {
    private FormValues() {}

    /** Copies the layer's weight [out, in] as float32, row after row, into an arena's memory. */
    static MemorySegment copy(LinearForm form, Arena arena) {
        try (TorchScope scope = TorchScope.open();
                NoGradGuard off = new NoGradGuard()) {
            Tensor weight = form.materialise().detach().to(ScalarType.Float).contiguous();
            MemorySegment values = Tensors.segment(weight);
            return arena.allocate(values.byteSize(), 64).copyFrom(values);
        }
    }

    /**
     * Adds the form's tensors to a digest.
     *
     * @param layer what their names begin with
     */
    static void addTo(MessageDigest digest, String layer, LinearForm form) {
        form.parameters().forEach((part, tensor) -> addTo(digest, layer + part, tensor));
    }

    /** Adds name, shape and float32 values. */
    static void addTo(MessageDigest digest, String name, Tensor tensor) {
        Sha256.field(digest, name);
        Sha256.field(digest, Arrays.toString(Tensors.shape(tensor)));
        Sha256.add(digest, Tensors.segment(tensor));
    }
}
