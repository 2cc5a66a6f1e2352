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

    @Mixin
    private ProposalOptions proposals = new ProposalOptions();

    Optional<Path> file() {
        return Optional.ofNullable(file);
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
