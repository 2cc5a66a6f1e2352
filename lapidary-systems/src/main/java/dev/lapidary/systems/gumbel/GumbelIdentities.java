package dev.lapidary.systems.gumbel;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.relax.GumbelSoftmax;
import dev.lapidary.relax.Noise;
import dev.lapidary.systems.Identity;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What must hold of a Gumbel-Softmax sample whatever it is used for. */
final class GumbelIdentities {
    private static final double[] LOGITS = {0.5, -1, 0.2, 1.3, -0.4};
    private static final int CLASSES = LOGITS.length;
    private static final int DRAWS = 20_000;
    private static final double CHI_SQUARE = 18.47; // 4 degrees of freedom, exceeded once in a thousand
    private static final CounterNoise NOISE = new CounterNoise(62, 1);

    private GumbelIdentities() {}

    static List<Identity> all() {
        return List.of(
                new Identity(
                        "frequencies of the greatest of logits + Gumbel noise match softmax: chi-square of 20 000 draws in 5 classes, 99.9 % bound",
                        CHI_SQUARE,
                        GumbelIdentities::chiSquare),
                new Identity(
                        "samples at temperature 1e-4 are the one-hot ones, but for draws closer than 20 temperatures",
                        1e-8,
                        GumbelIdentities::coldError),
                new Identity(
                        "gradient of a loss of soft samples is its central difference on fixed noise",
                        1e-5,
                        GumbelIdentities::gradientError));
    }

    private static double chiSquare() {
        try (var scope = TorchScope.open()) {
            float[] drawn = Tensors.toFloats(GumbelSoftmax.hard(1, -1).sample(logits(DRAWS), NOISE, 0));
            double sum = 0;
            for (double logit : LOGITS) {
                sum += Math.exp(logit);
            }
            double chi = 0;
            for (int k = 0; k < CLASSES; k++) {
                double count = 0;
                for (int i = 0; i < DRAWS; i++) {
                    count += drawn[i * CLASSES + k];
                }
                double expected = DRAWS * Math.exp(LOGITS[k]) / sum;
                chi += (count - expected) * (count - expected) / expected;
            }
            return chi;
        }
    }

    private static double coldError() {
        try (var scope = TorchScope.open()) {
            int draws = 1000;
            Tensor gumbel = Noise.gumbel(NOISE, 1, draws, CLASSES);
            double[] perturbed = Tensors.toDoubles(logits(draws).add(gumbel));
            double[] cold = Tensors.toDoubles(GumbelSoftmax.soft(1e-4, -1).sample(logits(draws), gumbel));
            double[] hard = Tensors.toDoubles(GumbelSoftmax.hard(1, -1).sample(logits(draws), gumbel));
            double greatest = 0;
            for (int i = 0; i < draws; i++) {
                double top = Double.NEGATIVE_INFINITY;
                double second = Double.NEGATIVE_INFINITY;
                for (int k = 0; k < CLASSES; k++) {
                    double value = perturbed[i * CLASSES + k];
                    second = Math.max(second, Math.min(top, value));
                    top = Math.max(top, value);
                }
                for (int k = 0; top - second > 20e-4 && k < CLASSES; k++) {
                    greatest = Math.max(greatest, Math.abs(cold[i * CLASSES + k] - hard[i * CLASSES + k]));
                }
            }
            return greatest;
        }
    }

    private static double gradientError() {
        try (var scope = TorchScope.open()) {
            double greatest = 0;
            Tensor at = Tensors.of(LOGITS, 1, CLASSES).set_requires_grad(true);
            loss(at).backward();
            double[] gradient = Tensors.toDoubles(at.grad());
            for (int k = 0; k < CLASSES; k++) {
                double[] up = LOGITS.clone();
                double[] down = LOGITS.clone();
                up[k] += 1e-6;
                down[k] -= 1e-6;
                double slope = (loss(Tensors.of(up, 1, CLASSES)).item_double()
                                - loss(Tensors.of(down, 1, CLASSES)).item_double())
                        / 2e-6;
                greatest = Math.max(greatest, Math.abs(gradient[k] - slope));
            }
            return greatest;
        }
    }

    /** Σ w·y³ of a sample at temperature 0.7, the noise always the same. */
    private static Tensor loss(Tensor logits) {
        Tensor y = GumbelSoftmax.soft(0.7, -1).sample(logits, NOISE, 2);
        return y.pow(new Scalar(3.0))
                .mul(Tensors.of(new double[] {1, -2, 3, 0.5, -1}, 1, CLASSES))
                .sum();
    }

    private static Tensor logits(int rows) {
        return Tensors.of(LOGITS, 1, CLASSES).repeat(rows, 1);
    }
}
