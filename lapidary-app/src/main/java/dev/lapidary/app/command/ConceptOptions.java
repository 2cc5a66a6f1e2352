package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say where concepts come from. */
final class ConceptOptions {
    @Option(
            names = "--concepts",
            paramLabel = "FILE",
            description =
                    "Concepts: a text file, one a line, or a safetensors or npz file with their embeddings. Without it they "
                            + "are proposed.")
    private @Nullable Path file;

    @Option(
            names = "--filters",
            description =
                    "Filter the concepts of --concepts too; without it all of them are used, but for what one of the limits "
                            + "below drops where it is given. With an encoder that Lapidary trained only length and class "
                            + "names are looked at. Proposed concepts are always filtered.")
    private boolean filters;

    @Mixin
    private ProposalOptions proposals = new ProposalOptions();

    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Whether the concepts of the file go through the filters. */
    boolean filtered() {
        return filters;
    }

    boolean embedded() {
        return file != null && DataOptions.tensors(file);
    }

    /** Refuses options that contradict each other, before anything is read. */
    void requireSound() {
        if (file != null && proposals.given()) {
            throw new InputException("concepts must come from --concepts or from --propose; got both");
        }
        proposals.requireSound();
    }

    void apply(ConceptTraining training, Progress progress) {
        if (file != null) {
            training.concepts(file);
        } else {
            training.proposal((items, rows) -> proposals.propose(items, rows, progress));
        }
    }

    ProposalOptions proposals() {
        return proposals;
    }
}
