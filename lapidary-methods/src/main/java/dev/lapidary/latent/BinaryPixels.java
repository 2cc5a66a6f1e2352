package dev.lapidary.latent;

import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Independent pixels of 0 and 1. */
final class BinaryPixels {
    private BinaryPixels() {}

    /** Returns −ln p [.., rows] of pixels [rows, n] under logits [.., rows, n], in nats. */
    static Tensor loss(Tensor logits, Tensor pixels) {
        try (var scope = TorchScope.open()) {
            Tensor each = torch.softplus(logits).sub(logits.mul(pixels));
            return scope.keep(each.sum(new long[] {-1}, false, new ScalarTypeOptional()));
        }
    }
}
