package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The ordinary cross-entropy of an output layer with its gradients, all logits at once.
 *
 * <p>Kinder to it than linear, cross_entropy and backward: logits, log-probabilities, probabilities and errors share one piece of memory,
 * which is kept from call to call, where autograd takes three.
 */
final class OrdinaryCrossEntropy implements AutoCloseable {
    private final Tensor logits; // [n, vocabulary]

    OrdinaryCrossEntropy(long n, long vocabulary) {
        logits = torch.empty(
                new long[] {n, vocabulary}, new TensorOptions(torch.ScalarType.Float), new MemoryFormatOptional());
    }

    /** Returns the bytes beside the gradients. */
    long bytes() {
        return logits.numel() * Float.BYTES;
    }

    /** Chooses which errors count, in place. */
    @FunctionalInterface
    interface Choice {
        void apply(Tensor probabilities);
    }

    /** Returns loss and gradients, in which all probabilities count. */
    CutCrossEntropy.Result lossAndGradients(Tensor hidden, Tensor weight, Tensor targets) {
        return lossAndGradients(hidden, weight, targets, all -> {});
    }

    /**
     * Returns the exact loss, and the gradients of some probabilities and the targets.
     *
     * @param choice sets the other probabilities [n, vocabulary] to 0
     */
    CutCrossEntropy.Result lossAndGradients(Tensor hidden, Tensor weight, Tensor targets, Choice choice) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Scalar share = new Scalar(1.0 / hidden.size(0));
            Tensor index = targets.unsqueeze(1); // [n, 1]
            torch.mm_out(logits, hidden, weight.t());
            torch.log_softmax_out(logits, logits, 1);
            Tensor own = logits.gather(1, index); // [n, 1]
            double loss = -own.to(torch.ScalarType.Double).mean().item_double();
            logits.exp_();
            choice.apply(logits);
            logits.scatter_(1, index, own.exp().sub(new Scalar(1.0)));
            Tensor forHidden = logits.mm(weight).mul_(share);
            Tensor forWeight = logits.t().mm(hidden).mul_(share);
            return new CutCrossEntropy.Result(loss, scope.keep(forHidden), scope.keep(forWeight));
        }
    }

    @Override
    public void close() {
        logits.close();
    }
}
