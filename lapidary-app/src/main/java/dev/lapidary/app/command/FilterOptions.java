package dev.lapidary.app.command;

import dev.lapidary.concept.vocabulary.ConceptFilters;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that limit which concepts are used; what is not given has the library's default. A list of concepts beside an encoder
 * that Lapidary trained is taken whole: the published cutoffs are cosines of CLIP and of sentence encoders, and such an encoder's are
 * on a scale of their own (of 56 concepts of drawn scenes one that was hardly trained left none, one that was tuned left one).
 */
final class FilterOptions {
    private static final String BY_DEFAULT = ". Default: ";
    private static final String OWN = "; none for a list of concepts with an encoder that Lapidary trained.";

    @Option(names = "--max-length", paramLabel = "N", description = "Longest concept, in characters.")
    private @Nullable Integer maxLength;

    @Option(
            names = "--class-cutoff",
            paramLabel = "X",
            description = "Drop concepts whose cosine to a class name is at least this; above 1: none" + BY_DEFAULT
                    + "0.85" + OWN)
    private @Nullable Double classCutoff;

    @Option(
            names = "--duplicate-cutoff",
            paramLabel = "X",
            description =
                    "Drop one of two concepts whose cosine is at least this; above 1: none" + BY_DEFAULT + "0.9" + OWN)
    private @Nullable Double duplicateCutoff;

    @Option(
            names = "--activation-cutoff",
            paramLabel = "X",
            description =
                    "Drop concepts that the training items show less than this; -1: none" + BY_DEFAULT + "0.25" + OWN)
    private @Nullable Double activationCutoff;

    ConceptFilters.Settings settings(ConceptOptions concepts, EncoderOptions encoder) {
        return settings(
                concepts.file().isPresent() && encoder.isTrainedHere()
                        ? ConceptFilters.Settings.withoutCosines()
                        : ConceptFilters.Settings.defaults());
    }

    ConceptFilters.Settings settings() {
        return settings(ConceptFilters.Settings.defaults());
    }

    private ConceptFilters.Settings settings(ConceptFilters.Settings defaults) {
        return new ConceptFilters.Settings(
                maxLength == null ? defaults.maxLength() : maxLength,
                classCutoff == null ? defaults.classCutoff() : classCutoff,
                duplicateCutoff == null ? defaults.duplicateCutoff() : duplicateCutoff,
                activationCutoff == null ? defaults.activationCutoff() : activationCutoff);
    }
}
