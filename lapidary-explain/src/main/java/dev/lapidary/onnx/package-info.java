/** Writes networks as ONNX models. */
@NullMarked
package dev.lapidary.onnx;

import org.jspecify.annotations.NullMarked;
