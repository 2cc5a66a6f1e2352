package dev.lapidary.app.command;

import dev.lapidary.concept.vocabulary.ConceptFilters;
import picocli.CommandLine.Mixin;

/**
 * The options that limit which concepts are used; what is not given has the library's default: none for a list of concepts, unless
 * {@code --filters} is given. Then a list beside an encoder that Lapidary trained goes through the rules without cosines: the published
 * cutoffs are cosines of CLIP and of sentence encoders, and such an encoder's are on a scale of their own (of 56 concepts of drawn
 * scenes one that was hardly trained left none, one that was tuned left one).
 */
final class FilterOptions {
    @Mixin
    private SettingsOptions<ConceptFilters.Settings> options = SettingsOptions.of(ConceptFilters.Settings.class);

    ConceptFilters.Settings settings(ConceptOptions concepts, EncoderOptions encoder) {
        return options.settings(usual(concepts, encoder));
    }

    private static ConceptFilters.Settings usual(ConceptOptions concepts, EncoderOptions encoder) {
        if (concepts.file().isEmpty()) {
            return ConceptFilters.Settings.defaults();
        }
        if (!concepts.filtered()) {
            return ConceptFilters.Settings.none();
        }
        return encoder.isTrainedHere() ? ConceptFilters.Settings.withoutCosines() : ConceptFilters.Settings.defaults();
    }

    ConceptFilters.Settings settings() {
        return options.settings();
    }
}
