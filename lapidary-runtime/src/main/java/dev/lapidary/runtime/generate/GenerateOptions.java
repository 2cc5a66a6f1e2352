package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;
import java.util.List;

/**
 * How a text is continued. The standard values of temperature, top-k and top-p are llama.cpp's.
 *
 * @param maxTokens most tokens to generate, at least 1
 * @param temperature what the logits are divided by, unitless; 0 always takes the likeliest token
 * @param topK how many of the likeliest tokens can be drawn; 0 for all
 * @param topP then only the likeliest ones whose probabilities together reach this share, in (0, 1]
 * @param stops texts that end the continuation and are not part of it
 * @param seed of the draws
 */
public record GenerateOptions(
        @Setting(help = "Most tokens to generate.") int maxTokens,

        @Setting(help = "What the logits are divided by; 0 always takes the likeliest token.")
        double temperature,

        @Setting(label = "N", help = "Draw from the N likeliest tokens; 0 for all.")
        int topK,

        @Setting(help = "Then from the likeliest that together reach this probability.")
        double topP,

        List<String> stops,

        @Setting(help = "Seed of the draws.") long seed)
        implements Settings {
    /** Checks the bounds. */
    public GenerateOptions {
        stops = List.copyOf(stops);
        Bounds.atLeast("max-tokens", maxTokens, 1);
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new InputException("temperature must be 0 or more; got " + temperature);
        }
        if (topK < 0) {
            throw new InputException("top-k must be at least 1, or 0 for all tokens; got " + topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new InputException("top-p must be above 0 and at most 1; got " + topP);
        }
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new InputException("a stop text must have letters; got an empty one");
        }
    }

    /** Returns 128 tokens, temperature 0.8, top-k 40, top-p 0.95, no stop texts, seed 0. */
    public static GenerateOptions defaults() {
        return new GenerateOptions(128, 0.8, 40, 0.95, List.of(), 0);
    }

    /** Returns these options with another limit of tokens. */
    public GenerateOptions withMaxTokens(int newMaxTokens) {
        return Components.with(this, "maxTokens", newMaxTokens);
    }

    /** Returns these options with another temperature. */
    public GenerateOptions withTemperature(double newTemperature) {
        return Components.with(this, "temperature", newTemperature);
    }

    /** Returns these options with another seed of the draws. */
    public GenerateOptions withSeed(long newSeed) {
        return Components.with(this, "seed", newSeed);
    }

    /** Returns these options with other texts that end the continuation. */
    public GenerateOptions withStops(List<String> newStops) {
        return Components.with(this, "stops", newStops);
    }

    /** Always takes the likeliest token, {@code maxTokens} times. */
    public static GenerateOptions greedy(int maxTokens) {
        return new GenerateOptions(maxTokens, 0, 0, 1, List.of(), 0);
    }
}
