package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.LabelNames;
import dev.lapidary.data.Splits;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Proposes concepts for classes. */
@Command(
        name = "propose",
        sortOptions = false,
        description = {
            "Proposes concepts for the classes of some data, or for class names alone, and filters them.",
            "Only those items of the data are read that train, with the same --seed, does not test on.",
            "JSON: concepts (name, source), count, candidates, dropped (rule to count), classes, seconds."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts propose --data news.csv --out concepts.txt --ledger ledger.json",
            "  lapidary concepts propose --classes sport,business,science --propose wordnet",
        })
final class ProposeCommand implements Callable<Integer> {
    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--classes",
            paramLabel = "NAMES",
            hideParamSyntax = true,
            split = ",",
            description = "Class names, separated by commas, instead of --data.")
    private List<String> classes = List.of();

    @Mixin
    private ProposalOptions proposals = new ProposalOptions();

    @Option(names = "--seed", paramLabel = "N", description = "The first seed of the later training. Default: 0.")
    private long seed;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the concepts to this file, one a line.")
    private @Nullable Path out;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description = "Write every decision with its number to this JSON file.")
    private @Nullable Path ledgerFile;

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    @Mixin
    private Output output;

    ProposeCommand(Session session) {
        output = new Output(session);
    }

    private record Proposed(ConceptSet kept, int candidates, List<String> classes) {}

    @Override
    public Integer call() throws IOException {
        long begin = System.nanoTime();
        if (classes.isEmpty() != data.given()) {
            throw new InputException("classes must come from either --data PATH or --classes A,B,C; got "
                    + (data.given() ? "both" : "neither"));
        }
        proposals.requireSound();
        ConceptFilters.Settings limits = filters.settings();
        if (out != null) {
            OutputFolder.requireFile(out, data.files());
            overwrite.require(out);
        }
        if (ledgerFile != null) {
            OutputFolder.requireFile(ledgerFile, data.files());
            overwrite.require(ledgerFile);
        }
        ConceptLedger ledger = new ConceptLedger();
        Proposed proposed = data.given() ? fromData(limits, ledger) : fromNames(limits, ledger);
        String list = String.join("\n", proposed.kept().names()) + "\n";
        if (ledgerFile != null) {
            AtomicFiles.writeString(ledgerFile, ledger.toJson());
        }
        if (out != null) {
            AtomicFiles.writeString(out, list);
        }
        output.remark(ledger.summary());
        return output.result(
                () -> out == null
                        ? list
                        : ReportView.count(proposed.kept().size(), "concept") + " written to " + out + "\n",
                () -> json(proposed, ledger, Durations.since(begin)));
    }

    private Proposed fromNames(ConceptFilters.Settings limits, ConceptLedger ledger) {
        List<String> names = classes.stream()
                .map(LabelNames::clean)
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        if (names.isEmpty()) {
            throw new InputException("--classes must name at least one class; got " + classes);
        }
        ConceptSet candidates = proposals.propose(names, output.progress());
        try (TextEncoder opened = encoder.open();
                EmbeddingMatrix none = EmbeddingMatrix.allocate(0, opened.width())) {
            ConceptSet kept = filter(limits).apply(candidates, names, opened, none, ledger);
            return new Proposed(kept, candidates.size(), names);
        }
    }

    private Proposed fromData(ConceptFilters.Settings limits, ConceptLedger ledger) {
        try (ReadItems read = ReadItems.toLearnFrom(data, encoder, false, output);
                TextEncoder own = read.images() == null ? encoder.open() : null) {
            Dataset items = read.data();
            TextEncoder opened = own == null ? Objects.requireNonNull(read.images()) : own;
            output.warnings(items.warnings());
            int[] rows = Splits.reserved(items, seed, ConceptTraining.RESERVED);
            output.remark("concepts come from " + ReportView.count(rows.length, "item") + " that train --seed " + seed
                    + " never tests on");
            ConceptSet candidates = proposals.propose(items, rows, output.progress());
            ConceptSet kept = withMatrix(items, rows, opened, limits, candidates, ledger);
            return new Proposed(kept, candidates.size(), items.classes());
        }
    }

    private ConceptSet withMatrix(
            Dataset items,
            int[] rows,
            TextEncoder opened,
            ConceptFilters.Settings limits,
            ConceptSet candidates,
            ConceptLedger ledger) {
        if (!items.hasTexts()) {
            EmbeddingMatrix all = items.embeddings().orElseThrow();
            if (all.width() != opened.width()) {
                throw new InputException("embeddings must have the width of the encoder " + opened.name() + ", "
                        + opened.width() + "; got " + all.width());
            }
            try (EmbeddingMatrix some = all.select(rows)) {
                return filter(limits).apply(candidates, items.classes(), opened, some, ledger);
            }
        }
        List<String> texts = Arrays.stream(rows).mapToObj(items::text).toList();
        try (EncodedTexts some = opened.encode(texts, output.progress())) {
            output.warnings(some.warnings(opened, texts));
            return filter(limits).apply(candidates, items.classes(), opened, some.embeddings(), ledger);
        }
    }

    private ConceptFilters filter(ConceptFilters.Settings limits) {
        return new ConceptFilters(limits, output.progress());
    }

    private static Map<String, Object> json(Proposed proposed, ConceptLedger ledger, double seconds) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(
                "concepts",
                proposed.kept().concepts().stream()
                        .map(c -> Map.of("name", c.name(), "source", c.source()))
                        .toList());
        object.put("count", proposed.kept().size());
        object.put("candidates", proposed.candidates());
        object.put("dropped", ledger.droppedByRule());
        object.put("classes", proposed.classes());
        object.put("seconds", seconds);
        return object;
    }
}
