/** Rendered scenes of simple shapes with captions, classes and true concepts, for measuring what a model says about concepts. */
@NullMarked
package dev.lapidary.synthetic.scene;

import org.jspecify.annotations.NullMarked;
