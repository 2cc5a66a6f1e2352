/** Decoder language models: what their shapes are, and running packed ones in pure Java. */
@NullMarked
package dev.lapidary.runtime.model;

import org.jspecify.annotations.NullMarked;
