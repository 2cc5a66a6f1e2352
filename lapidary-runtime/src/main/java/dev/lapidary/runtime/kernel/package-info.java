/** Vector API kernels over memory segments that running a model needs, each with a scalar twin; they know nothing of PyTorch. */
@NullMarked
package dev.lapidary.runtime.kernel;

import org.jspecify.annotations.NullMarked;
