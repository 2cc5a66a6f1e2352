/** Relaxations of discrete choices that let gradients through, and the schedules that harden them. */
@NullMarked
package dev.lapidary.relax;

import org.jspecify.annotations.NullMarked;
