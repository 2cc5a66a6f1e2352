package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptFilters;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that limit which concepts are used; what is not given has the library's default. */
final class FilterOptions {
    @Option(names = "--max-length", paramLabel = "N", description = "Longest concept, in characters.")
    private @Nullable Integer maxLength;

    @Option(
            names = "--class-cutoff",
            paramLabel = "X",
            description = "Drop concepts at least so similar (cosine) to a class name; above 1: none.")
    private @Nullable Double classCutoff;

    @Option(
            names = "--duplicate-cutoff",
            paramLabel = "X",
            description = "Drop one of two concepts that are at least so similar; above 1: none.")
    private @Nullable Double duplicateCutoff;

    @Option(
            names = "--activation-cutoff",
            paramLabel = "X",
            description = "Drop concepts that the training items show less than this; -1: none.")
    private @Nullable Double activationCutoff;

    ConceptFilters.Settings settings() {
        ConceptFilters.Settings defaults = ConceptFilters.Settings.defaults();
        return new ConceptFilters.Settings(
                maxLength == null ? defaults.maxLength() : maxLength,
                classCutoff == null ? defaults.classCutoff() : classCutoff,
                duplicateCutoff == null ? defaults.duplicateCutoff() : duplicateCutoff,
                activationCutoff == null ? defaults.activationCutoff() : activationCutoff);
    }
}
