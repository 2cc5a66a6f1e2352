package dev.lapidary.draw;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.sparsity.OneShotLayer;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.OneShotSettings;
import java.util.Map;

/** A one-shot method as somebody elsewhere would add it: draws a pattern for each group with the run's seed. */
public final class RandomMask implements OneShotMethod {
    @Override
    public String name() {
        return "random";
    }

    @Override
    public String summary() {
        return "100% chance";
    }

    @Override
    public boolean needsInputs() {
        return false;
    }

    @Override
    public Map<String, String> noted(OneShotSettings settings) {
        return Map.of("seed", Long.toString(settings.seed()));
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        CounterNoise noise = new CounterNoise(layer.settings().seed(), layer.name().hashCode());
        byte[] codes = new byte[Math.toIntExact(layer.weight().numel() / layer.pattern().of())];
        for (int group = 0; group < codes.length; group++) {
            codes[group] = (byte) (noise.uniformAt(0, group) * layer.pattern().count());
        }
        return Choice.of(codes);
    }
}
