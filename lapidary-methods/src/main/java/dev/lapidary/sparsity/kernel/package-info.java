/** Sampling and learning N:M masks in Vector API kernels over memory segments, with their scalar twin. */
@NullMarked
package dev.lapidary.sparsity.kernel;

import org.jspecify.annotations.NullMarked;
