package dev.lapidary.concept.classifier;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.DatasetColumns;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.file.AtomicFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A trained explainable classifier: classes, named concepts with their ledger, and for every seed the method's scorer and its
 * baselines.
 *
 * <p>{@link #scorer} is the seed that does best on its validation part; predictions and explanations come from it. Immutable.
 */
public final class ConceptClassifier {
    /** The format that the {@value AtomicFiles#MARKER} of a saved classifier names. */
    public static final String FORMAT = "lapidary-concept-classifier";

    private static final String EDITED = "edited by hand after training, figures are from before: ";

    private final Identity identity;
    private final ConceptLedger ledger;
    private final float[][] conceptVectors; // [M, d]
    private final List<SeedModel> seeds;
    private final List<SplitRecord> splits;
    private final Report report;
    private final @Nullable Calibration calibration;
    private final @Nullable SeenItems seen;
    private final @Nullable TrainingItems training;

    /** Creates a classifier without a calibration; vectors [M, d] are not copied, so they must not be changed later. */
    public ConceptClassifier(
            Identity identity,
            ConceptLedger ledger,
            float[][] conceptVectors,
            List<SeedModel> seeds,
            List<SplitRecord> splits,
            Report report) {
        this(identity, ledger, conceptVectors, seeds, splits, report, null, null, null);
    }

    private ConceptClassifier(
            Identity identity,
            ConceptLedger ledger,
            float[][] conceptVectors,
            List<SeedModel> seeds,
            List<SplitRecord> splits,
            Report report,
            @Nullable Calibration calibration,
            @Nullable SeenItems seen,
            @Nullable TrainingItems training) {
        this.identity = identity;
        this.ledger = ledger;
        this.conceptVectors = conceptVectors;
        this.seeds = List.copyOf(seeds);
        this.splits = List.copyOf(splits);
        this.report = report;
        this.calibration = calibration;
        this.seen = seen;
        this.training = training;
    }

    /**
     * What was trained on what.
     *
     * @param dataDigest SHA-256 over the training data
     * @param versions of what trained it, such as java and pytorch, by name
     */
    public record Identity(
            List<String> classes,
            ConceptSet concepts,
            EncoderInfo encoder,
            DatasetColumns columns,
            ConceptConfig config,
            String dataDigest,
            Map<String, String> versions) {}

    /**
     * Which encoder embeds items and concepts.
     *
     * @param prompts the sentences in which it embeds names, see {@link PromptEncoder}
     * @param images whether items are images; otherwise they are texts or came embedded
     */
    public record EncoderInfo(String name, String digest, int width, List<String> prompts, boolean images) {
        static final String NONE = "none";

        /** Copies the list. */
        public EncoderInfo {
            prompts = List.copyOf(prompts);
        }

        /** Items came embedded, by an encoder that was not at hand. */
        public static EncoderInfo unknown(int width) {
            return new EncoderInfo(NONE, NONE, width, PromptEncoder.BARE, false);
        }

        /** Whether items can be embedded as those of the training were. */
        public boolean known() {
            return !digest.equals(NONE);
        }
    }

    /** What one seed gave. */
    public record SeedModel(long seed, ClassScorer scorer, SortedMap<Baseline, ClassScorer> baselines) {}

    /** What was trained on what. */
    public Identity identity() {
        return identity;
    }

    /** Class names, in the order of logits. */
    public List<String> classes() {
        return identity.classes();
    }

    /** The named concepts, in the order of scores. */
    public ConceptSet concepts() {
        return identity.concepts();
    }

    /** Every decision about every candidate concept. */
    public ConceptLedger ledger() {
        return ledger;
    }

    /** Unit vectors of the concepts, a copy [M, d]. */
    public float[][] conceptVectors() {
        float[][] copy = new float[conceptVectors.length][];
        for (int m = 0; m < copy.length; m++) {
            copy[m] = conceptVectors[m].clone();
        }
        return copy;
    }

    float[][] sharedVectors() {
        return conceptVectors;
    }

    /** Every seed's classifiers, in seed order. */
    public List<SeedModel> seeds() {
        return seeds;
    }

    /** Every seed's split by ids. */
    public List<SplitRecord> splits() {
        return splits;
    }

    /** What training measured. */
    public Report report() {
        return report;
    }

    /** Position of the seed that does best on its validation part; the first where nothing was chosen. */
    public int bestSeed() {
        return report.decides();
    }

    /** The scorer that predictions and explanations come from. */
    public ClassScorer scorer() {
        return seeds.get(bestSeed()).scorer();
    }

    /** What turns scores into calibrated probabilities and prediction sets; none in folders of earlier versions and after edits. */
    public Optional<Calibration> calibration() {
        return Optional.ofNullable(calibration);
    }

    /** What is remembered of the training items of {@link #bestSeed}; nothing in folders of earlier versions, and of few items. */
    public Optional<SeenItems> seenItems() {
        return Optional.ofNullable(seen);
    }

    /** The same with what is to be remembered of the training items. */
    public ConceptClassifier withSeenItems(SeenItems items) {
        return new ConceptClassifier(
                identity, ledger, conceptVectors, seeds, splits, report, calibration, items, training);
    }

    /** The items that it learned from or chose its settings on; nothing in folders of earlier versions. */
    public Optional<TrainingItems> trainingItems() {
        return Optional.ofNullable(training);
    }

    /** The same with the items that it learned from or chose its settings on. */
    public ConceptClassifier withTrainingItems(TrainingItems items) {
        return new ConceptClassifier(identity, ledger, conceptVectors, seeds, splits, report, calibration, seen, items);
    }

    /** Rows of a data set that it learned from or chose its settings on. In folders of earlier versions only all of them are known. */
    public int[] trainingRows(Dataset data) {
        IntStream rows = IntStream.range(0, data.size());
        if (training != null) {
            return rows.filter(row -> training.contains(data, row)).toArray();
        }
        return data.digest().equals(identity.dataDigest()) ? rows.toArray() : new int[0];
    }

    private static IntStream rowsBut(int[] known, Dataset data) {
        return IntStream.range(0, data.size()).filter(row -> Arrays.binarySearch(known, row) < 0);
    }

    /**
     * Says how many items it was trained on, and how well it does on the others.
     *
     * @param data with labels as indices into {@link #classes}, or without
     * @param items their embeddings [n, d]
     */
    public TrainingOverlap overlap(Dataset data, EmbeddingMatrix items) {
        int[] known = trainingRows(data);
        int[] others = rowsBut(known, data)
                .filter(row -> data.labelled() && data.label(row) >= 0)
                .toArray();
        if (known.length == 0 || others.length == 0) {
            return new TrainingOverlap(data.size(), known.length, OptionalDouble.empty());
        }
        int[] predicted = scorer().predict(items, others);
        long right = IntStream.range(0, others.length)
                .filter(i -> predicted[i] == data.label(others[i]))
                .count();
        return new TrainingOverlap(data.size(), known.length, OptionalDouble.of((double) right / others.length));
    }

    /**
     * The same calibrated on labelled items that it never saw: a quarter of their contents chooses the temperature, prediction sets are
     * calibrated on the others. Which is which depends on the contents alone. Items of its training are left out, see
     * {@link #trainingRows}.
     *
     * @param data with labels as indices into {@link #classes}, of at least two contents that are new, see {@link Dataset#relabel}
     * @param items their embeddings [n, d]
     * @param from which items these are, for people
     */
    public ConceptClassifier calibratedOn(Dataset data, EmbeddingMatrix items, String from) {
        int[] known = trainingRows(data);
        int[] rows = rowsBut(known, data).toArray();
        long[] contents = IntStream.of(rows)
                .mapToLong(data::contentHash)
                .distinct()
                .sorted()
                .toArray();
        if (contents.length < 2) {
            throw new InputException(
                    "items to calibrate on must be of at least 2 contents that the classifier never saw; got "
                            + contents.length + " and " + known.length + " items of its training");
        }
        long border = contents[Math.ceilDiv(contents.length, 4)];
        int[] first =
                IntStream.of(rows).filter(row -> data.contentHash(row) < border).toArray();
        int[] rest = IntStream.of(rows)
                .filter(row -> data.contentHash(row) >= border)
                .toArray();
        return withCalibration(Calibration.of(scored(data, items, first, from), scored(data, items, rest, from)));
    }

    /** The same with another calibration of {@link #scorer}. */
    public ConceptClassifier withCalibration(Calibration other) {
        return new ConceptClassifier(identity, ledger, conceptVectors, seeds, splits, report, other, seen, training);
    }

    /**
     * Scores labelled items to calibrate on, or to judge a calibration on.
     *
     * @param data with labels as indices into {@link #classes}
     * @param items their embeddings [n, d]
     * @param rows which of them, by row
     * @param from which these are, for people
     */
    public Calibration.Items scored(Dataset data, EmbeddingMatrix items, int[] rows, String from) {
        return new Calibration.Items(
                from,
                scorer().logits(items, rows),
                IntStream.of(rows).map(data::label).toArray(),
                IntStream.of(rows)
                        .mapToObj(row -> HexFormat.of().toHexDigits(data.contentHash(row)))
                        .toList());
    }

    /**
     * The same classifier in which {@link #bestSeed} decides by another scorer, such as an edited one, without a calibration, which was
     * of the former scorer.
     */
    public ConceptClassifier withScorer(ClassScorer changed) {
        int best = bestSeed();
        List<SeedModel> models = new ArrayList<>(seeds);
        models.set(
                best,
                new SeedModel(seeds.get(best).seed(), changed, seeds.get(best).baselines()));
        return new ConceptClassifier(identity, ledger, conceptVectors, models, splits, report, null, seen, training);
    }

    /** The same with remarks among the warnings of its report, such as what was edited after training. */
    public ConceptClassifier withRemarks(List<String> remarks) {
        List<String> warnings = new ArrayList<>(report.warnings());
        warnings.addAll(remarks);
        return new ConceptClassifier(
                identity,
                ledger,
                conceptVectors,
                seeds,
                splits,
                report.withWarnings(warnings),
                calibration,
                seen,
                training);
    }

    /** The same with edits by hand among the warnings of its report; each says what was done. */
    public ConceptClassifier withEdits(List<String> edits) {
        return withRemarks(edits.stream().map(edit -> EDITED + edit).toList());
    }

    /** What was edited by hand after training; figures of the report are from before. */
    public List<String> edits() {
        return report.warnings().stream()
                .filter(warning -> warning.startsWith(EDITED))
                .map(warning -> warning.substring(EDITED.length()))
                .toList();
    }

    /** Refuses an encoder other than the one that the concepts were embedded with. */
    public void requireEncoder(TextEncoder encoder) {
        if (!encoder.digest().equals(identity.encoder().digest())) {
            throw new InputException("the encoder must be the one of the training, "
                    + identity.encoder().name() + " (digest "
                    + identity.encoder().digest() + "); got " + encoder.name()
                    + " (digest " + encoder.digest() + ")");
        }
    }

    /** Embeds texts for this classifier; the caller closes what comes back. */
    public EncodedTexts encode(TextEncoder encoder, List<String> texts, Progress progress) {
        requireEncoder(encoder);
        return encoder.encode(texts, progress);
    }

    /** Embeds names, such as those of the classes, as those of the concepts were; the caller closes what comes back. */
    public EncodedTexts encodeNames(TextEncoder encoder, List<String> names, Progress progress) {
        requireEncoder(encoder);
        return PromptEncoder.of(encoder, identity.encoder().prompts()).encode(names, progress);
    }

    /** The class of one text. */
    public String classify(TextEncoder encoder, String text) {
        try (EncodedTexts encoded = encode(encoder, List.of(text), Progress.silent())) {
            return classes().get(scorer().predict(encoded.embeddings(), null)[0]);
        }
    }

    /**
     * Judges every seed's method and stored baselines on labelled items that training never saw; fits nothing. Where some are items of
     * the training, a warning of the report says so and how the others did.
     *
     * @param data with labels as indices into {@link #classes}, see {@link Dataset#relabel}
     * @param items their embeddings [n, d]
     */
    public Report evaluate(Dataset data, EmbeddingMatrix items, double seconds, List<String> warnings) {
        return evaluate(data, items, overlap(data, items), seconds, warnings);
    }

    /** Judges as {@link #evaluate(Dataset, EmbeddingMatrix, double, List)} does, with what {@link #overlap} gave for the same items. */
    public Report evaluate(
            Dataset data, EmbeddingMatrix items, TrainingOverlap overlap, double seconds, List<String> warnings) {
        int[] labels = new int[data.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = data.label(i);
        }
        List<String> remarks = new ArrayList<>(warnings);
        overlap.warning().ifPresent(remarks::add);
        boolean[][] method = new boolean[seeds.size()][];
        Map<String, boolean[][]> baselines = new LinkedHashMap<>();
        List<Report.SeedReport> details = new ArrayList<>();
        for (int s = 0; s < seeds.size(); s++) {
            details.add(judge(s, labels, items, method, baselines));
        }
        var summary = new ReportSummary(
                identity.config().method().id(),
                identity.config().faithful(),
                concepts().size(),
                classes().size());
        return summary.of(
                details,
                id -> PairedInterval.overItems(method, Objects.requireNonNull(baselines.get(id))),
                labels.length,
                seconds,
                remarks);
    }

    private Report.SeedReport judge(
            int s, int[] labels, EmbeddingMatrix items, boolean[][] method, Map<String, boolean[][]> baselines) {
        SeedModel seed = seeds.get(s);
        int[] predicted = seed.scorer().predict(items, null);
        Evaluation evaluation = Evaluation.of(labels, predicted, classes().size());
        method[s] = Evaluation.right(labels, predicted);
        Map<String, Double> accuracies = new LinkedHashMap<>();
        Map<String, Double> macroF1 = new LinkedHashMap<>();
        Map<String, Double> nec = new LinkedHashMap<>();
        seed.baselines().forEach((baseline, scorer) -> {
            int[] said = scorer.predict(items, null);
            Evaluation of = Evaluation.of(labels, said, classes().size());
            accuracies.put(baseline.id(), of.accuracy());
            macroF1.put(baseline.id(), of.macroF1());
            nec.put(baseline.id(), scorer.nec());
            baselines.computeIfAbsent(baseline.id(), id -> new boolean[seeds.size()][])[s] =
                    Evaluation.right(labels, said);
        });
        int[] all = IntStream.range(0, labels.length).toArray();
        double active = seed.scorer() instanceof ConceptScorer c
                ? c.activeConcepts(items, all)
                : seed.scorer().nec();
        return new Report.SeedReport(
                seed.seed(),
                evaluation.accuracy(),
                evaluation.macroF1(),
                seed.scorer().nec(),
                report.details().get(s).validationAccuracy(),
                active,
                evaluation.confusion(),
                accuracies,
                macroF1,
                nec,
                Map.of(),
                List.of());
    }

    /**
     * Writes the classifier as a folder, all or nothing; a folder of a classifier, with no other files, is replaced.
     *
     * @throws java.io.UncheckedIOException where it cannot be written; nothing is left under the name then
     */
    public void save(Path folder) {
        save(folder, new ClassifierArtifact());
    }

    /** Writes the classifier as {@link #save(Path)} does, as part of a folder of a kind that may hold more. */
    public void save(Path folder, ArtifactKind kind) {
        ClassifierFolder.write(this, folder, kind);
    }

    /**
     * Reads what {@link #save} wrote; on the same machine, logits are identical.
     *
     * @throws InputException where a file is missing, altered or malformed, with the reason
     */
    public static ConceptClassifier read(Path folder) {
        return ClassifierFolder.read(folder);
    }
}
