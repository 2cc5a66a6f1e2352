/** Models with categorical latent variables, and their training by any estimator of gradients. */
@NullMarked
package dev.lapidary.latent;

import org.jspecify.annotations.NullMarked;
