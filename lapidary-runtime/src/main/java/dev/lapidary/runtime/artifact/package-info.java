/** What the folders are that Lapidary writes: their kinds, their own files and digests, and how they are replaced. */
@NullMarked
package dev.lapidary.runtime.artifact;

import org.jspecify.annotations.NullMarked;
