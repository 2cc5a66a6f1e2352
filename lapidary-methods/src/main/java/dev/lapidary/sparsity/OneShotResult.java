package dev.lapidary.sparsity;

import java.util.List;

/**
 * A one-shot mask and what it does to each layer.
 *
 * @param masks the masks, with new weights where the method changes them
 * @param layers one report per pruned weight, in the model's order
 * @param sequences calibration windows used, 0 where no text was looked at
 * @param length tokens per window
 * @param seconds wall time
 */
public record OneShotResult(MaskSet masks, List<Layer> layers, int sequences, int length, double seconds) {
    /**
     * One weight's report.
     *
     * @param weight parameter name
     * @param weights number of weights
     * @param keptNorm share of ΣW² that the mask keeps, before any update
     * @param error ‖XWᵀ − XW'ᵀ‖²/‖XWᵀ‖² on the calibration inputs, NaN where no text was looked at
     */
    public record Layer(String weight, long weights, double keptNorm, double error) {}

    /** Copies the list. */
    public OneShotResult {
        layers = List.copyOf(layers);
    }
}
