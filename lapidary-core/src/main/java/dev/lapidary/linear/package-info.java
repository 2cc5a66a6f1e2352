/** Linear layers in the forms in which a compressed network stores and multiplies them. */
@NullMarked
package dev.lapidary.linear;

import org.jspecify.annotations.NullMarked;
