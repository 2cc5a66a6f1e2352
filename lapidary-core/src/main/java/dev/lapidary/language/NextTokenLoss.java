package dev.lapidary.language;

import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The cross-entropy of predicting every next token in windows of a text, and its gradients.
 *
 * <p>A window of length L has L inputs and as many targets, each the token after its input. Windows are given by the places in the text
 * where they begin.
 *
 * @param text token ids; not copied, never changed
 * @param length inputs of a window
 */
@SuppressWarnings("ArrayRecordComponent") // read here only
public record NextTokenLoss(int[] text, int length) {
    /** Returns the inputs [windows, length], int64, which the open scope owns. */
    public Tensor inputs(int... starts) {
        return tokens(starts, 0).view(starts.length, length);
    }

    /** Returns the targets [windows · length], int64, which the open scope owns. */
    public Tensor targets(int... starts) {
        return tokens(starts, 1);
    }

    private Tensor tokens(int[] starts, int behind) {
        long[] values = new long[starts.length * length];
        for (int i = 0; i < starts.length; i++) {
            for (int t = 0; t < length; t++) {
                values[i * length + t] = text[starts[i] + behind + t];
            }
        }
        return Tensors.of(values, values.length);
    }

    /** Returns the mean over the windows, nats per token, without gradients. */
    double mean(LanguageModel model, int[] starts) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            return CutCrossEntropy.loss(flat(model.hidden(inputs(starts))), model.outputWeight(), targets(starts));
        }
    }

    /**
     * Adds the mean's gradients to those of the model, in microbatches of some windows each.
     *
     * @param microbatches of the model, for {@code ceil(starts.length / windows)} of them at least
     * @param windows of one microbatch
     * @param outputWeight whether the output layer is trained too
     * @return the mean, nats per token
     */
    public double gradients(Microbatches<LanguageModel> microbatches, int[] starts, int windows, boolean outputWeight) {
        return microbatches.run(Math.ceilDiv(starts.length, windows), (worker, index) -> {
            int from = index * windows;
            int[] some = Arrays.copyOfRange(starts, from, Math.min(starts.length, from + windows));
            return gradients(worker, some, (double) some.length / starts.length, outputWeight);
        });
    }

    /**
     * Adds the gradients of a share of a larger loss to those of the model, in one pass.
     *
     * @return the share's part of the loss
     */
    public double gradients(LanguageModel model, int[] starts, double share, boolean outputWeight) {
        try (var scope = TorchScope.open()) {
            Tensor hidden = model.hidden(inputs(starts)); // [windows, length, width]
            Tensor weight = model.outputWeight();
            var result = CutCrossEntropy.lossAndGradients(flat(hidden), weight, targets(starts), outputWeight)
                    .times(share);
            result.backward(hidden);
            Tensor weightGradient = result.weightGradient();
            if (weightGradient != null) {
                Microbatches.addGradient(weight, weightGradient);
            }
            return result.loss();
        }
    }

    private static Tensor flat(Tensor hidden) {
        return hidden.detach().view(-1, hidden.size(2));
    }
}
