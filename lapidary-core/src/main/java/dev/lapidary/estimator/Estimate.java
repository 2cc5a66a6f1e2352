package dev.lapidary.estimator;

import org.bytedeco.pytorch.Tensor;

/**
 * What an estimator made of a program in one step.
 *
 * @param surrogate a scalar whose gradient is the estimate of the gradient of the mean expected loss; its own value means nothing
 * @param losses the loss [rows] of the choices that were made, or the expected one; without gradients
 */
public record Estimate(Tensor surrogate, Tensor losses) {}
