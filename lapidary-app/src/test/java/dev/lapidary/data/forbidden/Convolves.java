package dev.lapidary.data.forbidden;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Convolves around the check, for the architecture test to see. */
public final class Convolves {
    private Convolves() {}

    /** Convolves one map. */
    public static Tensor convolve(Tensor map, Tensor kernel) {
        return torch.conv2d(map, kernel);
    }
}
