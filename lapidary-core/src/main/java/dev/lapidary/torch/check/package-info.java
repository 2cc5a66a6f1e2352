/** Whether PyTorch's native operations compute what their formulas say on this machine, against plain Java loops in float64. */
@NullMarked
package dev.lapidary.torch.check;

import org.jspecify.annotations.NullMarked;
