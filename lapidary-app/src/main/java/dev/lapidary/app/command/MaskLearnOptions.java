package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.sparsity.MaskLearningSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say how masks are learned; without one the settings' own default holds. */
final class MaskLearnOptions {
    @Mixin
    private SettingsOptions<MaskLearningSettings> settings = SettingsOptions.of(MaskLearningSettings.class);

    @Option(
            names = "--gate-lr",
            paramLabel = "X",
            description = "Learning rate of the choice at the start; it falls to a tenth. Default: "
                    + MaskLearningSettings.DEFAULT_RATE + ".")
    private @Nullable Double rate;

    /** Checks the values. */
    MaskLearningSettings settings() {
        MaskLearningSettings given = settings.settings();
        if (settings.isGiven("microbatch") && given.microbatch() < 1) {
            throw new InputException("--microbatch must be at least 1; got " + given.microbatch());
        }
        if (rate == null) {
            return given;
        }
        if (!(rate > 0 && Double.isFinite(rate))) {
            throw new InputException("--gate-lr must be positive; got " + rate);
        }
        return given.withRate(rate);
    }
}
