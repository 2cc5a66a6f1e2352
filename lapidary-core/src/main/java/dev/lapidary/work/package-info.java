/** Long work that may be interrupted: the folder of its unfinished state, its lock and its clock. */
@NullMarked
package dev.lapidary.work;

import org.jspecify.annotations.NullMarked;
