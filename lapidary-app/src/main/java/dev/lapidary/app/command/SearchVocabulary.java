package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.ConceptEmbeddings;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The concepts of a search that passed the filters, and the class names, with their embeddings.
 *
 * @param vectors of the concepts [M, d]
 * @param classVectors of the class names [K, d]
 */
record SearchVocabulary(ConceptSet concepts, EmbeddingMatrix vectors, EmbeddingMatrix classVectors)
        implements AutoCloseable {
    /** What a vocabulary is made for: items, their embeddings [n, d], and the rows that it may look at. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    record Scope(Dataset items, EmbeddingMatrix matrix, int[] train) {}

    static SearchVocabulary of(
            ConceptOptions options,
            ConceptFilters.Settings limits,
            Scope scope,
            @Nullable TextEncoder encoder,
            Output output) {
        ConceptLedger ledger = new ConceptLedger();
        ConceptFilters filters = new ConceptFilters(limits, output.progress());
        try (EmbeddingMatrix training = scope.matrix().select(scope.train())) {
            if (options.embedded()) {
                return embedded(options.file().orElseThrow(), filters, scope, training, encoder, ledger, output);
            }
            if (encoder == null) {
                throw new IllegalStateException("concepts without embeddings must have an encoder; got none");
            }
            ConceptSet candidates = candidates(options, scope, ledger, output);
            ConceptSet kept = filters.apply(candidates, scope.items().classes(), encoder, training, ledger);
            say(ledger, output);
            return new SearchVocabulary(
                    kept,
                    encoder.encode(kept.names(), output.progress()).embeddings(),
                    encoder.encode(scope.items().classes(), output.progress()).embeddings());
        }
    }

    private static void say(ConceptLedger ledger, Output output) {
        output.remark(ledger.summary());
        ledger.activationWarning().ifPresent(warning -> output.warnings(List.of(warning)));
    }

    private static ConceptSet candidates(ConceptOptions options, Scope scope, ConceptLedger ledger, Output output) {
        if (options.file().isEmpty()) {
            return options.proposals().propose(scope.items(), scope.train(), output.progress());
        }
        Path file = options.file().get();
        ConceptSet read = ConceptSet.read(file, ledger);
        ConceptSet.warning(file, ledger).ifPresent(warning -> output.warnings(List.of(warning)));
        return read;
    }

    private static SearchVocabulary embedded(
            Path file,
            ConceptFilters filters,
            Scope scope,
            EmbeddingMatrix training,
            @Nullable TextEncoder encoder,
            ConceptLedger ledger,
            Output output) {
        ConceptEmbeddings all = ConceptEmbeddings.read(file, ledger);
        if (all.width() != training.width()) {
            throw new InputException(file + ": concept embeddings must have the items' width " + training.width()
                    + "; got " + all.width());
        }
        List<String> classes = scope.items().classes();
        List<String> known = all.classes().isEmpty() ? List.of() : classes;
        ConceptSet kept = filters.apply(all.concepts(), known, all.similarity(), training, ledger);
        say(ledger, output);
        EmbeddingMatrix classVectors;
        if (encoder != null) {
            classVectors = encoder.encode(classes, output.progress()).embeddings();
        } else {
            classVectors = EmbeddingMatrix.of(classes.stream()
                    .map(name -> all.classVectors()[place(name, all, file)])
                    .toArray(float[][]::new));
        }
        return new SearchVocabulary(kept, all.select(kept).matrix(), classVectors);
    }

    private static int place(String name, ConceptEmbeddings all, Path file) {
        int at = all.classes().indexOf(name);
        if (at < 0) {
            throw new InputException(file + ": class embeddings must include class \"" + name
                    + "\", or the encoder be named by " + "--encoder; got " + all.classes());
        }
        return at;
    }

    @Override
    public void close() {
        vectors.close();
        classVectors.close();
    }
}
