package dev.lapidary.encode;

import java.util.Optional;

/**
 * How the cosine of an image and a text becomes the logit that the encoder was trained with: scale · cosine + bias.
 *
 * @param scale the inverse of the temperature, not its logarithm
 * @param bias 0 for CLIP
 * @param remark a line for people where the numbers are not this encoder's own
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al., CLIP, ICML 2021</a>
 * @see <a href="https://arxiv.org/abs/2303.15343">Zhai et al., SigLIP, ICCV 2023</a>
 */
public record LogitScale(double scale, double bias, Optional<String> remark) {
    /** Creates one without a remark. */
    public LogitScale(double scale, double bias) {
        this(scale, bias, Optional.empty());
    }

    /** The logit of a cosine. */
    public double logit(double cosine) {
        return scale * cosine + bias;
    }
}
