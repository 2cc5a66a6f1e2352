/** Vector API kernels of training that more than one method uses, each with a scalar twin: noise by counters, softmax regression. */
@NullMarked
package dev.lapidary.kernel;

import org.jspecify.annotations.NullMarked;
