/** What a method's options are: records whose components are read in one place, for identities, JSON, options and changed copies. */
@NullMarked
package dev.lapidary.runtime.settings;

import org.jspecify.annotations.NullMarked;
