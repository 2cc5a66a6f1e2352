/** Files that appear whole or not at all, the cache folder, digests, mapped files, and what the process may use of memory. */
@NullMarked
package dev.lapidary.runtime.file;

import org.jspecify.annotations.NullMarked;
