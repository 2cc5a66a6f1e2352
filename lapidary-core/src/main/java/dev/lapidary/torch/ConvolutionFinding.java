package dev.lapidary.torch;

import java.util.Optional;

/**
 * How convolutions of one kind and type compare with plain loops on this machine.
 *
 * @param kind what a person reads, such as "convolution 2-D"
 * @param type f32 or bf16
 * @param own what PyTorch's own convolutions do
 * @param used what those do that are used in their place, where they are
 */
public record ConvolutionFinding(String kind, String type, Outcome own, Optional<Outcome> used) {
    /**
     * How one way did on some shapes, forward and both gradients.
     *
     * @param cases how many shapes
     * @param wrong how many of them were wrong
     * @param error the largest error as a share of the largest true value; infinite where there was no number
     * @param tolerance below which an error is rounding
     * @param where the shape of that error
     */
    public record Outcome(int cases, int wrong, double error, double tolerance, String where) {}
}
