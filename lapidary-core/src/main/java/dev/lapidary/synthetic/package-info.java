/** Generators of tables, sequences, clicks and digits whose truth is planted, so that a method's choice can be checked against it. */
@NullMarked
package dev.lapidary.synthetic;

import org.jspecify.annotations.NullMarked;
