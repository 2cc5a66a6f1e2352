/** The fused training step of a bottleneck in Vector API kernels over memory segments, with its scalar twin. */
@NullMarked
package dev.lapidary.concept.kernel;

import org.jspecify.annotations.NullMarked;
