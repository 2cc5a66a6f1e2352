/** Classes that break a rule of the architecture on purpose. */
@NullMarked
package dev.lapidary.runtime.forbidden;

import org.jspecify.annotations.NullMarked;
