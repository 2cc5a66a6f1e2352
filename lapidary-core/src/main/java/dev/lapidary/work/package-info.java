/** Long work that may be interrupted: where it keeps what it goes on from, its lock and its clock. */
@NullMarked
package dev.lapidary.work;

import org.jspecify.annotations.NullMarked;
