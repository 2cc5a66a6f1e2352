package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.bottleneck.ToyWorld;
import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierFolderTest {
    private static final ToyWorld WORLD = ToyWorld.draw(0.45, 30, 30, 30, 30);
    private static final Map<String, ConceptClassifier> TRAINED = new HashMap<>();

    @TempDir
    static Path saved;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() throws IOException {
        for (String method : List.of("sparse", "gates", "search")) {
            try (Dataset data = WORLD.data()) {
                int seeds = method.equals("sparse") ? 2 : 1;
                ConceptClassifier classifier = ConceptTraining.of(data, WORLD.encoder())
                        .concepts(ToyWorld.conceptFile(saved))
                        .config(ConceptConfig.defaults()
                                .withMethod(Method.of(method))
                                .withNec(2)
                                .withSeeds(seeds, 3))
                        .run();
                classifier.save(saved.resolve(method));
                TRAINED.put(method, classifier);
            }
        }
    }

    private static ConceptClassifier trained(String method) {
        return Objects.requireNonNull(TRAINED.get(method));
    }

    private static ClassScorer require(@Nullable ClassScorer scorer) {
        return Objects.requireNonNull(scorer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates", "search"})
    void loadedClassifiersGiveTheSameLogitsToTheBit(String method) {
        ConceptClassifier before = trained(method);
        ConceptClassifier after = ConceptClassifier.read(saved.resolve(method));
        assertThat(after.identity()).isEqualTo(before.identity());
        assertThat(after.report()).isEqualTo(before.report());
        assertThat(after.splits()).isEqualTo(before.splits());
        assertThat(after.ledger().entries()).isEqualTo(before.ledger().entries());
        assertThat(after.bestSeed()).isEqualTo(before.bestSeed());
        assertThat(after.calibration()).isPresent().isEqualTo(before.calibration());
        assertThat(after.seeds()).hasSameSizeAs(before.seeds());
        try (EmbeddingMatrix items = WORLD.matrix(WORLD.texts())) {
            for (int s = 0; s < before.seeds().size(); s++) {
                var old = before.seeds().get(s);
                var loaded = after.seeds().get(s);
                assertThat(loaded.seed()).isEqualTo(old.seed());
                assertThat(loaded.scorer().nec()).isEqualTo(old.scorer().nec());
                assertThat(loaded.scorer().logits(items, null))
                        .isDeepEqualTo(old.scorer().logits(items, null));
                assertThat(loaded.baselines().keySet())
                        .isEqualTo(old.baselines().keySet());
                old.baselines()
                        .forEach((baseline, scorer) -> assertThat(
                                        require(loaded.baselines().get(baseline))
                                                .logits(items, null))
                                .as(baseline.id())
                                .isDeepEqualTo(scorer.logits(items, null)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates"})
    void contributionsAndBiasSumToTheLogit(String method) {
        var scorer = (ConceptScorer) trained(method).scorer();
        assertThat(scorer.gated()).isEqualTo(method.equals("gates"));
        try (EmbeddingMatrix items = WORLD.matrix(WORLD.texts())) {
            double[][] logits = scorer.logits(items, null);
            for (int i = 0; i < items.rows(); i++) {
                double[] passed = scorer.passed(scorer.scores(items.row(i)));
                for (int k = 0; k < 4; k++) {
                    double sum = scorer.map().bias(k)
                            + Arrays.stream(scorer.map().contributions(k, passed))
                                    .sum();
                    assertThat(sum).isEqualTo(logits[i][k], within(1e-9));
                }
            }
        }
    }

    @Test
    void replacesItsOwnFolderAndNoOther() throws IOException {
        ConceptClassifier classifier = trained("search");
        Path target = folder.resolve("model");
        classifier.save(target);
        Path stale = Files.writeString(target.resolve("encoding.json"), "");
        classifier.save(target);
        assertThat(stale).doesNotExist();
        Path mine = Files.writeString(target.resolve("notes.txt"), "mine");
        assertThatThrownBy(() -> classifier.save(target))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a concept classifier alone")
                .hasMessageContaining("got one with notes.txt");
        assertThat(mine).hasContent("mine");
        Path other = Files.createDirectory(folder.resolve("photographs"));
        Path precious = Files.writeString(other.resolve("me.jpg"), "smile");
        assertThatThrownBy(() -> classifier.save(other))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("me.jpg");
        assertThat(precious).hasContent("smile");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(target, other);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates", "search"})
    void theTemperatureIsOfValidationItemsAndSetsOfTestItems(String method) {
        ConceptClassifier classifier = trained(method);
        Calibration found = classifier.calibration().orElseThrow();
        SplitRecord split = classifier.splits().get(classifier.bestSeed());
        try (Dataset data = WORLD.data();
                EmbeddingMatrix items = WORLD.matrix(WORLD.texts())) {
            Calibration.Items validation = scored(classifier, data, items, split.validation());
            Calibration.Items test = scored(classifier, data, items, split.test());

            Calibration wanted = Calibration.of(validation, test);
            assertThat(found.temperature()).isEqualTo(wanted.temperature());
            assertThat(found.truth())
                    .isEqualTo(wanted.truth())
                    .hasSize(split.test().items());
            assertThat(found.contents()).isEqualTo(wanted.contents());
            assertThat(found.temperatureFrom()).isEqualTo("validation items of seed " + split.seed());
            assertThat(found.setsFrom()).isEqualTo("test items of seed " + split.seed());
        }
    }

    private static Calibration.Items scored(
            ConceptClassifier classifier, Dataset data, EmbeddingMatrix items, SplitRecord.Part part) {
        int[] rows = part.ids().stream().mapToInt(data::indexOf).toArray();
        return classifier.scored(data, items, rows, "");
    }

    @Test
    void aFolderOfAnEarlierVersionHasNoCalibration() {
        ConceptClassifier c = trained("sparse");
        new ConceptClassifier(c.identity(), c.ledger(), c.conceptVectors(), c.seeds(), c.splits(), c.report())
                .save(folder.resolve("earlier"));

        ConceptClassifier loaded = ConceptClassifier.read(folder.resolve("earlier"));

        assertThat(loaded.calibration()).isEmpty();
        assertThat(folder.resolve("earlier/calibration.json")).doesNotExist();
        assertThat(loaded.bestSeed()).isEqualTo(c.bestSeed());
    }

    @Test
    void aCalibrationBelongsToItsScorer() {
        ConceptClassifier c = trained("sparse");

        assertThat(c.withScorer(c.scorer()).calibration()).isEmpty();
        assertThat(c.withRemarks(List.of("seen")).calibration()).isEqualTo(c.calibration());
    }

    @Test
    void calibratesOnItemsOfYourOwn() {
        ConceptClassifier c = trained("sparse");
        List<String> renamed =
                WORLD.texts().stream().map(text -> text + " again").toList();
        List<String> labels =
                IntStream.range(0, 120).mapToObj(i -> c.classes().get(i / 30)).toList();
        try (Dataset data = Dataset.ofTexts(renamed, labels);
                EmbeddingMatrix items = WORLD.matrix(WORLD.texts())) {
            ConceptClassifier calibrated = c.calibratedOn(data, items, "own items");

            Calibration found = calibrated.calibration().orElseThrow();
            assertThat(found.items()).isEqualTo(90); // a quarter of 120 contents chooses the temperature
            assertThat(found.contents()).hasSize(120);
            assertThat(found.setsFrom()).isEqualTo("own items");
            assertThat(c.withScorer(c.scorer())
                            .calibratedOn(data, items, "own items")
                            .calibration())
                    .isEqualTo(calibrated.calibration());
        }
        try (Dataset one = Dataset.ofTexts(List.of("fur", "Fur "), List.of("animal", "animal"));
                EmbeddingMatrix items = WORLD.matrix(one.texts())) {
            assertThatThrownBy(() -> c.calibratedOn(one, items, ""))
                    .isInstanceOf(InputException.class)
                    .hasMessage("items to calibrate on must be of at least 2 contents that the classifier never saw;"
                            + " got 1 and 0 items of its training");
        }
    }

    @Test
    void knowsTheItemsOfItsTraining() {
        ConceptClassifier c = trained("sparse");
        c.save(folder.resolve("known"));
        ConceptClassifier loaded = ConceptClassifier.read(folder.resolve("known"));
        ConceptClassifier earlier =
                new ConceptClassifier(c.identity(), c.ledger(), c.conceptVectors(), c.seeds(), c.splits(), c.report());
        Set<String> wanted = new HashSet<>();
        c.splits().forEach(split -> {
            wanted.addAll(split.train().ids());
            wanted.addAll(split.validation().ids());
        });
        try (Dataset data = WORLD.data();
                EmbeddingMatrix items = WORLD.matrix(WORLD.texts())) {
            for (ConceptClassifier each : List.of(c, loaded)) {
                assertThat(IntStream.of(each.trainingRows(data)).mapToObj(data::id))
                        .containsExactlyInAnyOrderElementsOf(wanted);
                assertThat(each.withScorer(c.scorer()).trainingRows(data)).hasSize(wanted.size());
            }
            assertThat(earlier.trainingRows(data)).hasSize(120); // knows the file, not its items

            TrainingOverlap overlap = loaded.overlap(data, items);
            assertThat(overlap.trainingItems()).isEqualTo(wanted.size()).isLessThan(120);
            int[] others = IntStream.range(0, 120)
                    .filter(row -> !wanted.contains(data.id(row)))
                    .toArray();
            int[] predicted = c.scorer().predict(items, others);
            double right = IntStream.range(0, others.length)
                    .filter(i -> predicted[i] == data.label(others[i]))
                    .count();
            assertThat(overlap.accuracyOnOthers()).hasValue(right / others.length);
            assertThat(loaded.evaluate(data, items, 0, List.of("first")).warnings())
                    .startsWith("first", overlap.warning().orElseThrow());
        }
        List<String> part = WORLD.texts().subList(0, 60); // another table, with other ids
        List<String> labels = new ArrayList<>(Collections.nCopies(60, "ship"));
        try (Dataset half = Dataset.ofTexts(part.reversed(), labels);
                EmbeddingMatrix items = WORLD.matrix(part.reversed())) {
            assertThat(loaded.trainingRows(half))
                    .containsExactly(IntStream.range(0, 60)
                            .filter(i -> wanted.contains(Integer.toString(60 - i)))
                            .toArray());
            assertThat(earlier.trainingRows(half)).isEmpty();
        }
    }

    @Test
    void warnsOfItemsOfTheTraining() {
        assertThat(new TrainingOverlap(9, 0, OptionalDouble.empty()).warning()).isEmpty();
        assertThat(new TrainingOverlap(9, 9, OptionalDouble.empty()).warning())
                .contains(
                        "all 9 items are ones that the model learned from or chose its settings on: figures from them say"
                                + " little about items never seen");
        assertThat(new TrainingOverlap(9, 8, OptionalDouble.of(1)).warning().orElseThrow())
                .startsWith("8 of 9 items are ones that the model learned from")
                .endsWith("; on the 1 other the seed that decides is right for 100.0 %");
        assertThat(new TrainingOverlap(9, 6, OptionalDouble.of(2 / 3.0))
                        .warning()
                        .orElseThrow())
                .endsWith("; on the 3 others the seed that decides is right for 66.7 %");
    }

    // what is refused

    private Path copy() throws IOException {
        return copy("sparse");
    }

    private Path copy(String method) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        try (var files = Files.list(saved.resolve(method))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        ConceptClassifier.read(copy); // sound so far
        return copy;
    }

    private static void assertRefused(Path model, String reason) {
        assertThatThrownBy(() -> ConceptClassifier.read(model))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(reason)
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
    }

    private static void editManifest(Path model, UnaryOperator<String> edit) throws IOException {
        Path file = model.resolve("lapidary.json");
        String before = Files.readString(file);
        String after = edit.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(file, after);
    }

    /** Gives files as they are now their digests, as somebody who tampers would. */
    private static void sign(Path model) throws IOException {
        Path file = model.resolve("lapidary.json");
        var m = manifest(Files.readString(file));
        SortedMap<String, String> digests = new TreeMap<>();
        for (String name : m.files().keySet()) {
            digests.put(name, Sha256.of(model.resolve(name)));
        }
        Files.writeString(
                file, Json.write(with(m, m.decides(), m.edits(), digests).signed()));
    }

    private static ClassifierFolder.Manifest with(
            ClassifierFolder.Manifest m,
            List<ClassifierFolder.DecidingSeed> decides,
            List<String> edits,
            SortedMap<String, String> digests) {
        return new ClassifierFolder.Manifest(
                m.format(),
                m.version(),
                m.created(),
                m.versions(),
                m.classes(),
                m.concepts(),
                m.encoder(),
                m.columns(),
                m.config(),
                m.dataDigest(),
                m.seeds(),
                decides,
                edits,
                digests,
                "");
    }

    private static void editTensor(Path model, String name, UnaryOperator<TensorView> edit) throws IOException {
        Path file = model.resolve("model.safetensors");
        Path other = model.resolve("other");
        try (TensorFile tensors = TensorFile.open(file)) {
            List<TensorView> changed = new ArrayList<>();
            for (TensorView view : tensors.tensors().values()) {
                changed.add(view.name().equals(name) ? edit.apply(view) : view);
            }
            assertThat(tensors.tensors()).containsKey(name);
            SafetensorsWriter.write(other, changed, Map.of());
        }
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        sign(model);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lapidary.json",
                "model.safetensors",
                "ledger.json",
                "metrics.json",
                "splits.json",
                "training-items.json",
                "calibration.json"
            })
    void aMissingOrAlteredFile(String name) throws IOException {
        Path model = copy();
        byte[] bytes = Files.readAllBytes(model.resolve(name));
        for (double at : new double[] {0, 0.31, 0.5, 0.77, 0.95}) {
            byte[] flipped = bytes.clone();
            int position = (int) (at * bytes.length);
            while (Character.isWhitespace(flipped[position])) {
                position++; // between fields nothing is told
            }
            flipped[position] ^= 1;
            Files.write(model.resolve(name), flipped);
            assertRefused(model, "got");
        }
        Files.write(model.resolve(name), Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused(model, "got");
        Files.delete(model.resolve(name));
        assertRefused(model, name + "; got none");
    }

    @Test
    void noFolderAtAll() {
        assertRefused(folder.resolve("nowhere"), "must be a folder");
    }

    @Test
    void aLaterVersionOrAnotherFormat() throws IOException {
        Path model = copy();
        String now = Files.readString(model.resolve("lapidary.json"));
        editManifest(model, t -> t.replaceFirst("\"version\" : 1", "\"version\" : 2, \"novelty\" : true"));
        assertRefused(model, "version 2");
        Files.writeString(model.resolve("lapidary.json"), now);
        editManifest(model, t -> t.replaceFirst("lapidary-concept-classifier", "lapidary-mask"));
        assertRefused(model, "lapidary-mask");
    }

    @Test
    void aFieldTooManyTooFewOrNull() throws IOException {
        Path model = copy();
        String now = Files.readString(model.resolve("lapidary.json"));
        editManifest(model, t -> t.replaceFirst("\\{", "{\"surprise\" : 1,"));
        assertRefused(model, "surprise");
        for (String field : List.of("classes", "seeds", "encoder", "files", "config", "columns", "dataDigest")) {
            Files.writeString(model.resolve("lapidary.json"), now);
            editManifest(model, t -> t.replaceFirst("\"" + field + "\" :", "\"" + field + "\" : null, \"x\" :"));
            assertRefused(model, "got");
        }
        Files.writeString(model.resolve("lapidary.json"), now);
        editManifest(model, t -> t.replaceFirst("\"animal\"", "null"));
        assertRefused(model, "got");
        for (String broken : List.of("", "null", "[]", "{}", "{\"format\" : null}")) {
            Files.writeString(model.resolve("lapidary.json"), broken);
            assertRefused(model, "got");
        }
    }

    @Test
    void brokenMetricsThoughTheDigestsAreRight() throws IOException {
        Path model = copy();
        Path metrics = model.resolve("metrics.json");
        String now = Files.readString(metrics);
        for (String broken : List.of("null", "{}", now.replaceFirst("\"details\" :", "\"details\" : null, \"x\" :"))) {
            Files.writeString(metrics, broken);
            sign(model);
            assertRefused(model, "got");
        }
        Files.writeString(metrics, now.replaceFirst("\"seed\" : 3", "\"seed\" : 9"));
        sign(model);
        assertRefused(model, "seed");
        Files.writeString(metrics, now);
        Files.writeString(model.resolve("splits.json"), "[null, null]");
        sign(model);
        assertRefused(model, "got");
    }

    @Test
    void aBrokenCalibrationThoughTheDigestsAreRight() throws IOException {
        Path model = copy();
        Path file = model.resolve("calibration.json");
        String now = Files.readString(file);
        for (String broken : List.of(
                "null",
                "{}",
                now.replaceFirst("\"temperature\" : [^,]+", "\"temperature\" : 0"),
                now.replaceFirst("\"truth\" : \\[", "\"truth\" : [ 1.5,"),
                now.replaceFirst("\"truth\" :", "\"truth\" : null, \"x\" :"))) {
            Files.writeString(file, broken);
            sign(model);
            assertRefused(model, "got");
        }
    }

    @Test
    void aDigestThatIsMissingOrOfAFileElsewhere() throws IOException {
        Path model = copy();
        String now = Files.readString(model.resolve("lapidary.json"));
        var m = manifest(now);
        String digest = m.files().get("splits.json");
        editManifest(model, t -> t.replace(",\n    \"splits.json\" : \"" + digest + "\"", ""));
        assertRefused(model, "got");
        for (String trick : List.of("../copy/splits.json", "/etc/passwd", "./splits.json")) {
            Files.writeString(model.resolve("lapidary.json"), now);
            editManifest(model, t -> t.replace("\"splits.json\" :", "\"" + trick + "\" : \"\", \"splits.json\" :"));
            resign(model);
            assertRefused(model, trick);
        }
        Files.writeString(model.resolve("lapidary.json"), now);
        editManifest(model, t -> t.replace("\"splits.json\" :", "\"spl\" :"));
        resign(model);
        assertRefused(model, "the digest of splits.json; got none");
    }

    private static ClassifierFolder.Manifest manifest(String text) {
        return ClassifierFolder.manifest(text);
    }

    @Test
    void aFolderOfAnEarlierVersionLoadsAndSaysNothingOfItsTrainingItems() throws IOException {
        Path model = copy();
        Path file = model.resolve("lapidary.json");
        var m = manifest(Files.readString(file));
        SortedMap<String, String> digests = new TreeMap<>(m.files());
        digests.remove("seen-items.safetensors");
        Files.deleteIfExists(model.resolve("seen-items.safetensors"));
        Files.writeString(
                file, Json.write(with(m, List.of(), List.of(), digests).signed()));

        assertThat(Files.readString(file)).doesNotContain("decides", "edits");
        ConceptClassifier loaded = ConceptClassifier.read(model);
        assertThat(loaded.seenItems()).isEmpty();
        assertThat(loaded.edits()).isEmpty();
    }

    @Test
    void aClassifierThatShallForgetItsTrainingItemsStoresNoneAndLoads() throws IOException {
        Path model = folder.resolve("forgets");
        try (Dataset data = WORLD.data()) {
            ConceptClassifier classifier = ConceptTraining.of(data, WORLD.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .config(ConceptConfig.defaults()
                            .withMethod(Method.of("search"))
                            .withSeeds(1, 3)
                            .withNoSeenItems(true))
                    .run();
            assertThat(classifier.seenItems()).isEmpty();
            classifier.save(model);
        }
        assertThat(model.resolve("seen-items.safetensors")).doesNotExist();
        assertThat(saved.resolve("search/seen-items.safetensors")).exists();
        ConceptClassifier loaded = ConceptClassifier.read(model);
        assertThat(loaded.seenItems()).isEmpty();
        assertThat(loaded.identity().config().noSeenItems()).isTrue();
        assertThat(Files.readString(saved.resolve("search/lapidary.json"))).doesNotContain("noSeenItems");
        assertThat(Components.identity(loaded.identity().config())).doesNotContainKey("noSeenItems");
    }

    private static void resign(Path model) throws IOException {
        Path file = model.resolve("lapidary.json");
        var m = manifest(Files.readString(file));
        Files.writeString(file, Json.write(m.signed()));
    }

    @Test
    void tensorsOfOtherShapesOrNotFinite() throws IOException {
        String weight = "seed.1.method.weight";
        Path model = copy();
        byte[] manifest = Files.readAllBytes(model.resolve("lapidary.json"));
        byte[] tensors = Files.readAllBytes(model.resolve("model.safetensors"));
        Map<String, UnaryOperator<TensorView>> edits = new TreeMap<>(Map.of(
                weight,
                v -> TensorView.of(v.name(), nan(v), 4, 12),
                "seed.0.method.scale",
                v -> TensorView.of(v.name(), nan(v), 12),
                "seed.0.random-words.vectors",
                v -> TensorView.of(v.name(), new float[] {Float.NaN}, 1, 1),
                "seed.0.method.bias",
                v -> TensorView.of(v.name(), new double[5], 5),
                "seed.0.zero-shot.basis",
                v -> TensorView.of(v.name(), new long[] {7}, 1),
                "seed.0.linear-probe.basis",
                v -> TensorView.of(v.name(), new long[0], 0),
                "seed.1.method.mean",
                v -> TensorView.of("elsewhere", v.toDoubles(), 12),
                "concepts",
                v -> TensorView.of(v.name(), new float[12 * 31], 12, 31)));
        for (var edit : edits.entrySet()) {
            Files.write(model.resolve("lapidary.json"), manifest);
            Files.write(model.resolve("model.safetensors"), tensors);
            editTensor(model, edit.getKey(), edit.getValue());
            assertRefused(model, edit.getKey());
        }
        for (double[] other : new double[][] {new double[0], new double[24]}) {
            Files.write(model.resolve("lapidary.json"), manifest);
            Files.write(model.resolve("model.safetensors"), tensors);
            editTensor(model, weight, v -> TensorView.of(v.name(), other, other.length / 12, 12));
            assertRefused(model, "seed.1.method.");
        }
    }

    @Test
    void aSearchOfAnotherWidthOrNotFinite() throws IOException {
        Path model = copy("search");
        byte[] manifest = Files.readAllBytes(model.resolve("lapidary.json"));
        byte[] tensors = Files.readAllBytes(model.resolve("model.safetensors"));
        editTensor(model, "seed.0.method.search.item_mean", v -> TensorView.of(v.name(), nan(v), 32));
        assertRefused(model, "must be finite");
        Files.write(model.resolve("lapidary.json"), manifest);
        Files.write(model.resolve("model.safetensors"), tensors);
        editTensor(model, "seed.0.method.variant", v -> TensorView.of(v.name(), new long[] {99, 0, 5}, 3));
        assertRefused(model, "variant");
    }

    private static double[] nan(TensorView view) {
        double[] values = view.toDoubles();
        values[values.length / 2] = Double.NaN;
        return values;
    }
}
