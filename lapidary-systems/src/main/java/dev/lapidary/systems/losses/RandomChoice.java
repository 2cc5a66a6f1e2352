package dev.lapidary.systems.losses;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Chooses elements of a softmax gradient by chance. */
final class RandomChoice {
    private RandomChoice() {}

    /** Keeps in each row, on average, as many elements as are not below a threshold, drawn evenly by PyTorch's generator. */
    static OrdinaryCrossEntropy.Choice ofTheSameSize(double threshold) {
        return probabilities -> {
            Tensor share = probabilities
                    .ge(new Scalar(threshold))
                    .to(torch.ScalarType.Float)
                    .mean(1L)
                    .unsqueeze(1); // [n, 1]
            Tensor kept = torch.rand_like(probabilities).lt(share); // [n, vocabulary]
            probabilities.mul_(kept);
        };
    }
}
