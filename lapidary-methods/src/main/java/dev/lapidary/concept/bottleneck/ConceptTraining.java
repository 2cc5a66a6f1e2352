package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.vocabulary.ConceptEmbeddings;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.concept.vocabulary.ConceptProposer;
import dev.lapidary.concept.vocabulary.RandomWords;
import dev.lapidary.concept.vocabulary.WordNetProposer;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.DuplicateReport;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import dev.lapidary.data.SplitShares;
import dev.lapidary.data.Splits;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.ImageTextEncoder;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.torch.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains an explainable classifier: proposes or reads concepts, filters them, scores every item against them and fits a sparse map
 * from concept scores to classes, beside its baselines, for every seed.
 *
 * <pre>{@code
 * try (TextEncoder encoder = EmbeddingCache.packaged();
 *         Dataset news = DataReader.read(DataSource.of(Path.of("news.csv")))) {
 *     ConceptClassifier classifier = ConceptTraining.of(news, encoder)
 *             .concepts(Path.of("concepts.txt"))
 *             .config(ConceptConfig.defaults().withNec(10))
 *             .run();
 *     classifier.save(Path.of("model"));
 * }
 * }</pre>
 *
 * <p>Concepts are proposed and filtered on items that every seed's split keeps in its training part, so that no seed's test items
 * have a say in them. Not for use by several threads; the data set and the encoder stay the caller's to close.
 */
public final class ConceptTraining {
    /** The share of items that every split trains on and that concepts may be proposed and filtered on. */
    public static final double RESERVED = 0.2;

    private static final int MOST_FILTER_ITEMS = 1 << 16;

    private final Dataset data;
    private final @Nullable TextEncoder encoder;
    private final boolean images;
    private List<String> prompts = PromptEncoder.BARE;
    private ConceptConfig config = ConceptConfig.defaults();
    private ConceptFilters.@Nullable Settings filters;
    private @Nullable Path conceptFile;
    private final List<ConceptProposer> proposers = new ArrayList<>();
    private @Nullable Proposal proposal;
    private Progress progress = Progress.silent();
    private Cancellation cancellation = Cancellation.none();
    private @Nullable Path unfinished;

    private ConceptTraining(Dataset data, @Nullable TextEncoder encoder, boolean images) {
        this.data = data;
        this.encoder = encoder;
        this.images = images;
    }

    /**
     * Begins with labelled items and the encoder of their texts. Where items are embeddings, it must be the encoder that made them,
     * since it embeds concepts and class names.
     */
    public static ConceptTraining of(Dataset data, TextEncoder encoder) {
        requireTrainable(data);
        return new ConceptTraining(data, encoder, false);
    }

    /**
     * Begins with labelled images and the encoder that embedded them, in whose prompt templates the names of concepts and classes
     * are embedded.
     *
     * @param data embeddings, see {@link dev.lapidary.encode.EncodedImages#labelled}
     */
    public static ConceptTraining ofImages(Dataset data, ImageTextEncoder encoder) {
        requireTrainable(data);
        return new ConceptTraining(data, encoder, true).prompts(encoder.promptTemplates());
    }

    private static void requireTrainable(Dataset data) {
        if (!data.labelled()) {
            throw new InputException("training items must have labels; got none");
        }
        if (data.classes().size() < 2) {
            throw new InputException("training items must have at least two classes; got " + data.classes());
        }
    }

    /**
     * Begins with items embedded by an encoder that is not at hand; {@link #concepts} must then name a tensor file that holds the
     * concepts' embeddings too. Without embeddings of the class names there is no zero-shot baseline, and no random words either way.
     */
    public static ConceptTraining ofEmbeddings(Dataset data) {
        if (data.hasTexts()) {
            throw new IllegalArgumentException("items must be embeddings where there is no encoder; got texts");
        }
        requireTrainable(data);
        return new ConceptTraining(data, null, false);
    }

    /**
     * Reads concepts from a text file, one a line, or from a safetensors or npz file with their embeddings. All of them are used unless
     * {@link #filters} says otherwise.
     */
    public ConceptTraining concepts(Path file) {
        conceptFile = file;
        return this;
    }

    /**
     * Sets the sentences, with {@code {}} for the name, in which names of concepts and classes are embedded, see {@link
     * PromptEncoder}; by default bare names, and for images what the encoder says. Items are embedded as they are.
     */
    public ConceptTraining prompts(List<String> templates) {
        prompts = PromptEncoder.checked(templates);
        return this;
    }

    /** Proposes concepts by this way too, beside WordNet and, for texts, the training texts' own words. */
    public ConceptTraining proposer(ConceptProposer proposer) {
        proposers.add(proposer);
        return this;
    }

    /** A way to propose concepts that may look at some of the items, and at no others. */
    @FunctionalInterface
    public interface Proposal {
        /** Returns candidates for the classes of the items. */
        ConceptSet of(Dataset items, int[] rows);
    }

    /** Proposes concepts in this way instead of all others. */
    public ConceptTraining proposal(Proposal only) {
        proposal = only;
        return this;
    }

    /**
     * Sets how to train.
     *
     * @throws InputException where no method on the class path has the name, or it has no published form and that is asked for
     */
    public ConceptTraining config(ConceptConfig chosen) {
        BottleneckMethod.of(chosen);
        config = chosen;
        return this;
    }

    /**
     * Sets the limits of the concept filters; by default {@link ConceptFilters.Settings#none} where {@link #concepts} names a file, and
     * {@link ConceptFilters.Settings#defaults} where concepts are proposed.
     */
    public ConceptTraining filters(ConceptFilters.Settings settings) {
        filters = settings;
        return this;
    }

    /** Reports how far it is. */
    public ConceptTraining progress(Progress listener) {
        progress = listener;
        return this;
    }

    /** Stops where this asks to, at the next point where finished seeds are saved. */
    public ConceptTraining cancellation(Cancellation flag) {
        cancellation = flag;
        return this;
    }

    /**
     * Keeps every finished seed in this folder, and takes finished seeds of an interrupted run from it, whose settings are the same up to
     * the number of seeds.
     */
    public ConceptTraining resumable(Path folder) {
        unfinished = folder;
        return this;
    }

    /**
     * Trains every seed.
     *
     * @throws InputException where data, concepts or settings do not fit
     * @throws java.util.concurrent.CancellationException on request; finished seeds stay in the {@link #resumable} folder
     */
    public ConceptClassifier run() {
        long begin = System.nanoTime();
        List<String> warnings = new ArrayList<>(data.warnings());
        try (Embedded items = embedded(warnings)) {
            int[] reserved = Splits.reserved(data, config.firstSeed(), RESERVED);
            ConceptLedger ledger = new ConceptLedger();
            Vocabulary vocabulary = vocabulary(items.matrix(), reserved, ledger, warnings);
            ledger.activationWarning().ifPresent(warnings::add);
            ConceptSet concepts = vocabulary.concepts();
            float[][] vectors = vocabulary.vectors();
            noteImbalance(warnings);
            SeedStore store = SeedStore.open(unfinished, identity(vocabulary));
            List<SeedRun> runs = new ArrayList<>();
            try (Progress.Task task = progress.start("seeds", config.seeds())) {
                for (int s = 0; s < config.seeds(); s++) {
                    long seed = config.firstSeed() + s;
                    Split split = Splits.draw(data, seed, SplitShares.DEFAULT, reserved);
                    if (s == 0) {
                        noteDuplicates(split, warnings);
                    }
                    runs.add(store.get(seed, split, vectors, items.matrix().width())
                            .orElseGet(() -> store.keep(train(items.matrix(), split, vocabulary), vectors)));
                    task.advance(1);
                }
            }
            var collected = new SeedRun.Collected(runs, data.classes().size(), concepts.size());
            Report report = collected.report(config, (System.nanoTime() - begin) / 1e9, warnings);
            var model = new ConceptClassifier(
                    new ConceptClassifier.Identity(
                            data.classes(),
                            concepts,
                            encoderInfo(items.matrix().width()),
                            data.columns(),
                            config,
                            data.digest(),
                            Map.of("java", Runtime.version().toString(), "pytorch", Torch.version())),
                    ledger,
                    vectors,
                    collected.models(),
                    collected.splits(data),
                    report);
            store.delete();
            return collected.calibrated(model, data, items.matrix());
        }
    }

    private SeedRun train(EmbeddingMatrix items, Split split, Vocabulary vocabulary) {
        float[][] classVectors = vocabulary.classVectors();
        return SeedRun.train(
                SeedData.of(data, items, split, config.balance()),
                split,
                new Controls(vocabulary.vectors(), classVectors, randomWords(vocabulary.concepts(), split.seed())),
                new MethodFitter(config, classVectors, progress, cancellation));
    }

    /** The vectors of one seed: concepts and class names, and what stands in for the concepts. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    record Controls(float[][] vectors, float @Nullable [][] classVectors, float @Nullable [][] randomWords) {}

    private float @Nullable [][] randomWords(ConceptSet concepts, long seed) {
        TextEncoder names = names();
        return names == null
                ? null
                : encode(
                        names,
                        RandomWords.draw(concepts.size(), seed, data.classes(), concepts)
                                .names());
    }

    /** The encoder of names; null where none is at hand. */
    private @Nullable TextEncoder names() {
        return encoder == null ? null : PromptEncoder.of(encoder, prompts);
    }

    private ConceptClassifier.EncoderInfo encoderInfo(int width) {
        return encoder == null
                ? ConceptClassifier.EncoderInfo.unknown(width)
                : new ConceptClassifier.EncoderInfo(encoder.name(), encoder.digest(), encoder.width(), prompts, images);
    }

    private record Embedded(EmbeddingMatrix matrix, boolean own) implements AutoCloseable {
        @Override
        public void close() {
            if (own) {
                matrix.close();
            }
        }
    }

    private Embedded embedded(List<String> warnings) {
        Optional<EmbeddingMatrix> given = data.embeddings();
        if (encoder == null) {
            return new Embedded(given.orElseThrow(), false);
        }
        if (given.isPresent()) {
            if (given.get().width() != encoder.width()) {
                throw new InputException("embeddings must have the width of the encoder " + encoder.name() + ", "
                        + encoder.width() + "; got " + given.get().width()
                        + ": name the encoder that made them with --encoder DIR");
            }
            if (!images) {
                warnings.add("embeddings are taken to be made by " + encoder.name() + ", which embeds the concepts");
            }
            return new Embedded(given.get(), false);
        }
        EncodedTexts encoded = encoder.encode(data.texts(), progress);
        warnings.addAll(encoded.warnings(encoder, data.texts()));
        return new Embedded(encoded.embeddings(), true);
    }

    private static float[][] encode(TextEncoder encoder, List<String> texts) {
        try (EncodedTexts encoded = encoder.encode(texts, Progress.silent())) {
            float[][] rows = new float[texts.size()][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = UnitVector.of(encoded.embeddings().row(i));
            }
            return rows;
        }
    }

    /** The concepts that passed the filters with their unit vectors, and those of the class names where they are known. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    private record Vocabulary(ConceptSet concepts, float[][] vectors, float @Nullable [][] classVectors) {}

    private Vocabulary vocabulary(EmbeddingMatrix items, int[] reserved, ConceptLedger ledger, List<String> warnings) {
        boolean tensors = conceptFile != null && isTensorFile(conceptFile);
        TextEncoder names = names();
        try (EmbeddingMatrix training = items.select(spread(reserved, MOST_FILTER_ITEMS))) {
            if (tensors) {
                return given(
                        ConceptEmbeddings.read(Objects.requireNonNull(conceptFile), ledger),
                        training,
                        ledger,
                        warnings);
            }
            if (names == null) {
                throw new InputException(
                        "concepts must come with their embeddings (a safetensors or npz file) where items "
                                + "are embedded by an encoder that is not at hand; got " + conceptFile);
            }
            ConceptSet candidates = conceptFile == null ? propose(reserved) : ConceptSet.read(conceptFile, ledger);
            if (conceptFile != null) {
                ConceptSet.warning(conceptFile, ledger).ifPresent(warnings::add);
            }
            ConceptSet kept = filters().apply(candidates, data.classes(), names, training, ledger);
            noteClassNames(kept, warnings);
            return new Vocabulary(kept, encode(names, kept.names()), encode(names, data.classes()));
        }
    }

    private void noteClassNames(ConceptSet kept, List<String> warnings) {
        List<String> keys = data.classes().stream().map(Concept::key).toList();
        List<String> names = kept.concepts().stream()
                .filter(concept -> keys.contains(concept.key()))
                .map(Concept::name)
                .toList();
        if (!names.isEmpty()) {
            warnings.add("concepts that are names of classes explain little: " + String.join(", ", names)
                    + "; the filters drop them (--filters)");
        }
    }

    private ConceptFilters filters() {
        ConceptFilters.Settings usual =
                conceptFile == null ? ConceptFilters.Settings.defaults() : ConceptFilters.Settings.none();
        return new ConceptFilters(filters == null ? usual : filters, progress);
    }

    /** Every row, or every second, or every third, so that there are no more than {@code most}. */
    static int[] spread(int[] rows, int most) {
        int step = Math.max(1, Math.ceilDiv(rows.length, most));
        return IntStream.range(0, Math.ceilDiv(rows.length, step))
                .map(i -> rows[i * step])
                .toArray();
    }

    private static boolean isTensorFile(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".safetensors") || name.endsWith(".npz");
    }

    private Vocabulary given(
            ConceptEmbeddings all, EmbeddingMatrix training, ConceptLedger ledger, List<String> warnings) {
        if (all.width() != training.width()) {
            throw new InputException(
                    "concept embeddings must have the items' width " + training.width() + "; got " + all.width());
        }
        List<String> classes = all.classes().isEmpty() ? List.of() : data.classes();
        ConceptSet kept = filters().apply(all.concepts(), classes, all.similarity(), training, ledger);
        TextEncoder names = names();
        float[][] classVectors = names == null ? null : encode(names, data.classes());
        if (!all.classes().isEmpty()) {
            classVectors = new float[data.classes().size()][];
            for (int k = 0; k < classVectors.length; k++) {
                int at = all.classes().indexOf(data.classes().get(k));
                if (at < 0) {
                    throw new InputException(
                            "class embeddings must be of the classes " + data.classes() + "; got " + all.classes());
                }
                classVectors[k] = UnitVector.of(all.classVectors()[at]);
            }
        }
        if (classVectors == null) {
            warnings.add("class names have no embeddings: there is no zero-shot baseline");
        }
        if (encoder == null) {
            warnings.add("the encoder is not at hand: there is no random-words baseline");
        }
        return new Vocabulary(kept, Vectors.units(all.select(kept).vectors()), classVectors);
    }

    private ConceptSet propose(int[] reserved) {
        if (proposal != null) {
            return proposal.of(data, reserved);
        }
        List<ConceptProposer> asked = new ArrayList<>();
        asked.add(
                data.hasTexts()
                        ? ConceptProposer.standard(
                                Arrays.stream(reserved).mapToObj(data::text).toList(),
                                Arrays.stream(reserved).map(data::label).toArray(),
                                data.classes())
                        : new WordNetProposer());
        asked.addAll(proposers);
        return ConceptSet.merge(
                asked.stream().map(p -> p.propose(data.classes())).toList());
    }

    private static void noteDuplicates(Split split, List<String> warnings) {
        DuplicateReport found = split.duplicates();
        if (found.groups() > 0) {
            warnings.add(found.items() + " items share their content with another (" + found.groups() + " contents, "
                    + found.conflicting() + " of them with different labels); equal ones always lie in one part, e.g. "
                    + found.exampleIds());
        }
    }

    private void noteImbalance(List<String> warnings) {
        int[] counts = data.classCounts();
        double ratio = SeedData.imbalance(counts);
        if (ratio > ConceptConfig.Balance.AUTO_RATIO) {
            int most = Arrays.stream(counts).max().orElse(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "classes are unequal: the largest has %.1f times the items of the smallest, and always naming it "
                            + "would be right for %.1f %%; %s",
                    ratio,
                    100.0 * most / data.size(),
                    balancing()));
        }
    }

    private String balancing() {
        BottleneckMethod method = BottleneckMethod.of(config);
        if (config.faithful() || !method.balances()) {
            return "the method counts every item alike" + (method.balances() ? ", as published" : "");
        }
        return config.balance() == ConceptConfig.Balance.OFF
                ? "every item counts alike (balance off)"
                : "every class counts alike in training";
    }

    /** What a seed depends on: everything but how many other seeds there are. */
    private String identity(Vocabulary vocabulary) {
        ConceptConfig alone = config.withSeeds(1, config.firstSeed()); // the first one decides which items are reserved
        float[][] classVectors = vocabulary.classVectors();
        return Sha256.of(String.join(
                "\n",
                Components.identity(alone).toString(),
                data.digest(),
                encoder == null ? "" : encoder.digest(),
                String.join("\n", prompts),
                String.join("\n", vocabulary.concepts().names()),
                Vectors.sha256(vocabulary.vectors()),
                classVectors == null ? "" : Vectors.sha256(classVectors),
                SplitShares.DEFAULT.toString()));
    }
}
