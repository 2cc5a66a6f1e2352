/** The commands of the command line: what they read, run, print and write. */
@NullMarked
package dev.lapidary.app.command;

import org.jspecify.annotations.NullMarked;
