package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.data.DatasetColumns;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.artifact.ArtifactKind;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;

/**
 * A classifier as a folder: lapidary.json (what it is, versions, a digest of every file that is read back),
 * model.safetensors (every seed's tensors), ledger.json, metrics.json and splits.json; encoding.json where items are images or names
 * stand in sentences; calibration.json where there is a calibration; seen-items.safetensors where training items are remembered; and nec-curve.svg, for people only.
 */
final class ClassifierFolder {
    static final int VERSION = 1;
    private static final String MANIFEST = AtomicFiles.MARKER;
    private static final String MODEL = "model.safetensors";
    private static final String LEDGER = "ledger.json";
    private static final String METRICS = "metrics.json";
    private static final String SPLITS = "splits.json";
    private static final String ENCODING = "encoding.json";
    private static final String CALIBRATION = "calibration.json";
    private static final String SEEN = "seen-items.safetensors";
    private static final String TRAINING = "training-items.json";
    private static final String CURVE = "nec-curve.svg";
    private static final List<String> NEEDED = List.of(MODEL, LEDGER, METRICS, SPLITS);
    private static final List<String> OPTIONAL = List.of(ENCODING, CALIBRATION, SEEN, TRAINING);
    private static final long MOST_JSON = 1L << 30;

    private ClassifierFolder() {}

    /** What lapidary.json holds. */
    record Manifest(
            String format,
            int version,
            String created,
            Map<String, String> versions,
            List<String> classes,
            List<Concept> concepts,
            EncoderEntry encoder,
            DatasetColumns columns,
            ConceptConfig config,
            String dataDigest,
            List<SeedEntry> seeds,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DecidingSeed> decides,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> edits,
            SortedMap<String, String> files,
            String digest) {
        /** The same with the digest of all else. */
        Manifest signed() {
            Manifest unsigned = with("");
            return with(Sha256.of(Json.write(unsigned)));
        }

        private Manifest with(String other) {
            return new Manifest(
                    format,
                    version,
                    created,
                    versions,
                    classes,
                    concepts,
                    encoder,
                    columns,
                    config,
                    dataDigest,
                    seeds,
                    decides,
                    edits,
                    files,
                    other);
        }
    }

    /** The seed that predictions come from, with its accuracy on its test items, before any edit. One, or none in folders of earlier versions. */
    record DecidingSeed(long seed, double accuracy) {}

    /** The encoder of items and concepts. */
    record EncoderEntry(String name, String digest, int width) {}

    /** What encoding.json holds, which is there only where it says something else than this: bare names, and no images. */
    record Encoding(List<String> prompts, boolean images) {
        private static final Encoding USUAL = new Encoding(PromptEncoder.BARE, false);

        static Encoding of(ConceptClassifier.EncoderInfo encoder) {
            return new Encoding(encoder.prompts(), encoder.images());
        }
    }

    /** What says whether the rest can be read; a later version may hold more. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Header(String format, int version) {}

    /** Which classifiers a seed has. */
    record SeedEntry(long seed, List<String> baselines) {}

    /** Whether a file of a classifier's folder is one of the classifier's. */
    static boolean isOwn(String file) {
        return NEEDED.contains(file) || OPTIONAL.contains(file) || file.equals(CURVE);
    }

    static void write(ConceptClassifier classifier, Path folder, ArtifactKind kind) {
        try {
            Artifact.write(folder, kind, temporary -> {
                SafetensorsWriter.write(temporary.resolve(MODEL), tensors(classifier), Map.of());
                AtomicFiles.writeString(
                        temporary.resolve(LEDGER), classifier.ledger().toJson());
                AtomicFiles.writeString(temporary.resolve(METRICS), Json.write(classifier.report()));
                AtomicFiles.writeString(temporary.resolve(SPLITS), Json.write(classifier.splits()));
                AtomicFiles.writeString(temporary.resolve(CURVE), NecCurve.svg(classifier.report()));
                Encoding encoding = Encoding.of(classifier.identity().encoder());
                List<String> files = new ArrayList<>(NEEDED);
                if (!encoding.equals(Encoding.USUAL)) {
                    AtomicFiles.writeString(temporary.resolve(ENCODING), Json.write(encoding));
                    files.add(ENCODING);
                }
                if (classifier.calibration().isPresent()) {
                    AtomicFiles.writeString(
                            temporary.resolve(CALIBRATION),
                            Json.write(classifier.calibration().get()));
                    files.add(CALIBRATION);
                }
                if (classifier.seenItems().isPresent()) {
                    SafetensorsWriter.write(
                            temporary.resolve(SEEN),
                            classifier.seenItems().get().tensors(),
                            Map.of());
                    files.add(SEEN);
                }
                if (classifier.trainingItems().isPresent()) {
                    AtomicFiles.writeString(
                            temporary.resolve(TRAINING),
                            Json.write(classifier.trainingItems().get().stored()));
                    files.add(TRAINING);
                }
                SortedMap<String, String> digests = new TreeMap<>();
                for (String file : files) {
                    digests.put(file, Sha256.of(temporary.resolve(file)));
                }
                AtomicFiles.writeString(
                        temporary.resolve(MANIFEST),
                        Json.write(manifest(classifier, digests).signed()));
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Manifest manifest(ConceptClassifier classifier, SortedMap<String, String> digests) {
        ConceptClassifier.Identity id = classifier.identity();
        return new Manifest(
                ConceptClassifier.FORMAT,
                VERSION,
                Instant.now().toString(),
                id.versions(),
                id.classes(),
                id.concepts().concepts(),
                new EncoderEntry(
                        id.encoder().name(), id.encoder().digest(), id.encoder().width()),
                id.columns(),
                id.config(),
                id.dataDigest(),
                classifier.seeds().stream()
                        .map(s -> new SeedEntry(
                                s.seed(),
                                s.baselines().keySet().stream()
                                        .map(Baseline::id)
                                        .toList()))
                        .toList(),
                List.of(new DecidingSeed(
                        classifier.report().deciding().seed(),
                        classifier.report().deciding().accuracy())),
                classifier.edits(),
                digests,
                "");
    }

    private static List<TensorView> tensors(ConceptClassifier classifier) {
        float[][] shared = classifier.sharedVectors();
        int width = classifier.identity().encoder().width();
        List<TensorView> tensors = new ArrayList<>();
        tensors.add(StoredTensors.of("concepts", shared, width));
        List<ConceptClassifier.SeedModel> seeds = classifier.seeds();
        for (int s = 0; s < seeds.size(); s++) {
            tensors.addAll(seeds.get(s).scorer().tensors(prefix(s, Report.METHOD), shared));
            for (var baseline : seeds.get(s).baselines().entrySet()) {
                tensors.addAll(
                        baseline.getValue().tensors(prefix(s, baseline.getKey().id()), shared));
            }
        }
        return tensors;
    }

    private static String prefix(int seed, String id) {
        return "seed." + seed + "." + id + ".";
    }

    static ConceptClassifier read(Path folder) {
        try {
            Manifest manifest = manifest(folder);
            Artifact.open(folder).verify();
            var identity = new ConceptClassifier.Identity(
                    List.copyOf(manifest.classes()),
                    new ConceptSet(manifest.concepts()),
                    encoder(folder, manifest),
                    manifest.columns(),
                    manifest.config(),
                    manifest.dataDigest(),
                    manifest.versions());
            Report report = Json.read(text(folder, METRICS), Report.class);
            List<SplitRecord> splits = List.of(Json.read(text(folder, SPLITS), SplitRecord[].class));
            ConceptLedger ledger = ConceptLedger.fromJson(text(folder, LEDGER));
            requireAlike(folder, manifest, report, splits);
            try (TensorFile file = TensorFile.open(folder.resolve(MODEL))) {
                float[][] shared = StoredTensors.rows(
                        file.tensors(),
                        "concepts",
                        identity.concepts().size(),
                        identity.encoder().width());
                List<ConceptClassifier.SeedModel> seeds = seeds(manifest, file.tensors(), shared);
                var plain = new ConceptClassifier(identity, ledger, shared, seeds, splits, report);
                return withOptional(plain, folder, manifest);
            }
        } catch (JacksonException malformed) {
            throw new InputException(
                    folder + ": its JSON files must be those of a classifier; got " + malformed.getOriginalMessage(),
                    malformed);
        } catch (IOException failure) {
            throw new InputException(folder + ": a classifier's files must be readable; got " + failure, failure);
        }
    }

    private static ConceptClassifier withOptional(ConceptClassifier plain, Path folder, Manifest manifest)
            throws IOException {
        ConceptClassifier classifier = plain;
        if (manifest.files().containsKey(CALIBRATION)) {
            classifier = classifier.withCalibration(Json.read(text(folder, CALIBRATION), Calibration.class));
        }
        if (manifest.files().containsKey(TRAINING)) {
            classifier = classifier.withTrainingItems(
                    TrainingItems.restore(Json.read(text(folder, TRAINING), TrainingItems.Stored.class)));
        }
        if (manifest.files().containsKey(SEEN)) {
            try (TensorFile file = TensorFile.open(folder.resolve(SEEN))) {
                classifier = classifier.withSeenItems(SeenItems.restore(
                        file.tensors(), plain.scorer(), manifest.encoder().width()));
            }
        }
        return classifier;
    }

    private static ConceptClassifier.EncoderInfo encoder(Path folder, Manifest manifest) throws IOException {
        Encoding encoding = manifest.files().containsKey(ENCODING)
                ? Json.read(text(folder, ENCODING), Encoding.class)
                : Encoding.USUAL;
        EncoderEntry entry = manifest.encoder();
        return new ConceptClassifier.EncoderInfo(
                entry.name(),
                entry.digest(),
                entry.width(),
                PromptEncoder.checked(encoding.prompts()),
                encoding.images());
    }

    /** Reads a manifest of this version or an earlier one, which lacks some fields. */
    static Manifest manifest(String text) throws JacksonException {
        return Json.readWith(text, List.of("decides", "edits"), Map.of("config", "noSeenItems"), Manifest.class);
    }

    private static Manifest manifest(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InputException("a classifier must be a folder; got " + folder);
        }
        String text = text(folder, MANIFEST);
        Header header = Json.read(text, Header.class);
        if (!ConceptClassifier.FORMAT.equals(header.format()) || header.version() != VERSION) {
            throw new InputException(folder + ": format must be " + ConceptClassifier.FORMAT + " version " + VERSION
                    + "; got " + header.format() + " version " + header.version());
        }
        Manifest manifest = manifest(text);
        if (!manifest.equals(manifest.signed())) {
            throw new InputException(folder.resolve(MANIFEST) + ": the file must be as it was written, digest "
                    + manifest.digest() + "; got " + manifest.signed().digest());
        }
        if (manifest.seeds().isEmpty()
                || manifest.classes().size() < 2
                || manifest.encoder().width() < 1) {
            throw new InputException(folder + ": a classifier must have seeds, two classes and a width; got "
                    + manifest.seeds().size() + " seeds, " + manifest.classes().size() + " classes, width "
                    + manifest.encoder().width());
        }
        for (String file : NEEDED) {
            if (!manifest.files().containsKey(file)) {
                throw new InputException(folder + ": the manifest must give the digest of " + file + "; got none");
            }
        }
        return manifest;
    }

    private static void requireAlike(Path folder, Manifest manifest, Report report, List<SplitRecord> splits) {
        int seeds = manifest.seeds().size();
        if (report.details().size() != seeds || splits.size() != seeds) {
            throw new InputException(folder + ": metrics and splits must be of " + seeds + " seeds; got "
                    + report.details().size() + " and " + splits.size());
        }
        for (int s = 0; s < seeds; s++) {
            long seed = manifest.seeds().get(s).seed();
            if (report.details().get(s).seed() != seed || splits.get(s).seed() != seed) {
                throw new InputException(folder + ": metrics and split " + (s + 1) + " must be of seed " + seed
                        + "; got " + report.details().get(s).seed() + " and "
                        + splits.get(s).seed());
            }
        }
    }

    private static List<ConceptClassifier.SeedModel> seeds(
            Manifest manifest, Map<String, TensorView> tensors, float[][] shared) {
        List<ConceptClassifier.SeedModel> seeds = new ArrayList<>();
        for (int s = 0; s < manifest.seeds().size(); s++) {
            SortedMap<Baseline, ClassScorer> baselines = new TreeMap<>();
            for (Baseline baseline : Baseline.values()) {
                if (manifest.seeds().get(s).baselines().contains(baseline.id())) {
                    baselines.put(baseline, restore(tensors, prefix(s, baseline.id()), shared, manifest));
                }
            }
            ClassScorer scorer = restore(tensors, prefix(s, Report.METHOD), shared, manifest);
            seeds.add(new ConceptClassifier.SeedModel(manifest.seeds().get(s).seed(), scorer, baselines));
        }
        return seeds;
    }

    private static ClassScorer restore(
            Map<String, TensorView> tensors, String prefix, float[][] shared, Manifest manifest) {
        ClassScorer scorer =
                ClassScorer.restore(tensors, prefix, shared, manifest.encoder().width());
        if (scorer.classes() != manifest.classes().size()) {
            throw new InputException("tensors " + prefix + "* must be of "
                    + manifest.classes().size() + " classes; got " + scorer.classes());
        }
        return scorer;
    }

    private static String text(Path folder, String file) throws IOException {
        Path path = folder.resolve(file);
        if (!Files.isRegularFile(path)) {
            throw new InputException(folder + ": a classifier must hold " + file + "; got none");
        }
        if (Files.size(path) > MOST_JSON) {
            throw new InputException(path + ": must be at most " + MOST_JSON + " bytes; got " + Files.size(path));
        }
        return Files.readString(path);
    }
}
