package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.StoredTensors;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.data.SplitShares;
import dev.lapidary.data.Splits;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConceptTrainingTest {
    private static final ToyWorld WORLD = ToyWorld.draw(0.45, 60, 60, 60, 60);
    private static final ConceptConfig QUICK =
            ConceptConfig.defaults().withNec(3).withSeeds(1, 5);

    @TempDir
    Path folder;

    private ConceptClassifier train(ConceptConfig config, ToyWorld world) throws IOException {
        try (Dataset data = world.data()) {
            return ConceptTraining.of(data, world.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .config(config)
                    .run();
        }
    }

    @Test
    void namesStandInTheirPromptsAndTheFolderRemembersThem() throws IOException {
        List<String> prompts = List.of("some {} here");
        try (Dataset data = WORLD.data()) {
            ConceptClassifier classifier = ConceptTraining.of(data, WORLD.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .filters(new ConceptFilters.Settings(30, 2, 2, -1))
                    .prompts(prompts)
                    .config(QUICK)
                    .run();
            assertThat(classifier.concepts().names().getFirst()).isEqualTo("fur");
            assertThat(classifier.conceptVectors()[0])
                    .containsExactly(UnitVector.of(WORLD.vector("some fur here")), within(1e-6f));
            classifier.save(folder.resolve("model"));
            ConceptClassifier loaded = ConceptClassifier.read(folder.resolve("model"));
            assertThat(loaded.identity()).isEqualTo(classifier.identity());
            assertThat(loaded.identity().encoder().prompts()).isEqualTo(prompts);
            try (EncodedTexts names = loaded.encodeNames(WORLD.encoder(), List.of("car"), Progress.silent())) {
                assertThat(names.embeddings().row(0))
                        .containsExactly(UnitVector.of(WORLD.vector("some car here")), within(1e-6f));
            }
        }
        train(QUICK, WORLD).save(folder.resolve("plain"));
        assertThat(folder.resolve("model/encoding.json")).exists();
        assertThat(folder.resolve("plain/encoding.json")).doesNotExist();
        Files.writeString(folder.resolve("model/encoding.json"), "{\"prompts\": [\"{}\"], \"images\": true}");
        assertThatThrownBy(() -> ConceptClassifier.read(folder.resolve("model")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("encoding.json: must be as it was written");
    }

    @Test
    void aListIsUsedWholeUnlessFiltersAreGivenAndProposedConceptsAreFiltered() throws IOException {
        Path list = Files.write(
                folder.resolve("own.txt"), List.of("fur", "Ship", "one that has more than 30 characters", "mast"));
        try (Dataset data = WORLD.data()) {
            ConceptConfig quick = QUICK.withMethod(Method.of("search"));
            ConceptClassifier whole = ConceptTraining.of(data, WORLD.encoder())
                    .concepts(list)
                    .config(quick)
                    .run();
            assertThat(whole.concepts().names())
                    .containsExactly("fur", "Ship", "one that has more than 30 characters", "mast");
            assertThat(whole.ledger().dropped()).isEmpty();
            assertThat(whole.report().warnings()).anyMatch(w -> w.contains("names of classes explain little: Ship;"));
            ConceptClassifier filtered = ConceptTraining.of(data, WORLD.encoder())
                    .concepts(list)
                    .filters(ConceptFilters.Settings.defaults())
                    .config(quick)
                    .run();
            assertThat(filtered.concepts().names()).containsExactly("fur", "mast");
            assertThat(filtered.ledger().droppedByRule()).isEqualTo(Map.of("class-name", 1, "length", 1));
            ConceptClassifier proposed = ConceptTraining.of(data, WORLD.encoder())
                    .proposal((items, rows) -> ConceptSet.read(list, new ConceptLedger()))
                    .config(quick)
                    .run();
            assertThat(proposed.concepts().names()).containsExactly("fur", "mast");
        }
    }

    static Stream<Arguments> forms() {
        return BottleneckMethod.all().stream()
                .flatMap(m -> m.published()
                        ? Stream.of(Arguments.of(m, false), Arguments.of(m, true))
                        : Stream.of(Arguments.of(m, false)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyMethodLearnsAndIsComparedWithAllBaselines(BottleneckMethod method, boolean faithful) throws IOException {
        ConceptConfig config = faithful ? ConceptConfig.defaults().withSeeds(1, 5) : QUICK;
        Report report = train(config.withMethod(Method.of(method.id())).withFaithful(faithful), WORLD)
                .report();
        assertThat(report.method()).isEqualTo(method.id());
        assertThat(report.faithful()).isEqualTo(faithful);
        assertThat(report.concepts()).isEqualTo(12);
        assertThat(report.classes()).isEqualTo(4);
        assertThat(report.examples()).isEqualTo(48);
        assertThat(report.baselines())
                .containsOnlyKeys("zero-shot", "linear-probe", "random-words", "random-directions");
        assertThat(report.intervals()).containsOnlyKeys(report.baselines().keySet());
        assertThat(report.accuracy()).isGreaterThan(faithful ? 0.4 : 0.75); // chance: 0.25
        assertThat(report.baselines().get("linear-probe")).isGreaterThan(0.75);
        if (!method.needsClassNames()) {
            double most = faithful ? 12 : 3; // a published layer is dense
            assertThat(report.nec()).isBetween(1.0, most);
            Map<String, Double> nec = report.details().getFirst().baselineNec();
            assertThat(nec.get("random-words")).isBetween(0.5, most);
            assertThat(nec.get("random-directions")).isBetween(0.5, most);
        }
        if (!faithful) {
            assertThat(report.accuracy()).isGreaterThan(report.baselines().get("random-directions"));
        }
        report.intervals().forEach((id, interval) -> {
            double difference = report.accuracy()
                    - Objects.requireNonNull(report.baselines().get(id));
            assertThat(interval).hasSize(2);
            assertThat(difference).isBetween(interval.get(0), interval.get(1));
        });
    }

    @Test
    void theSameSeedGivesTheSameReportAndBytesAndAnotherSeedAnotherSplit() throws IOException {
        ConceptClassifier one = train(QUICK, WORLD);
        ConceptClassifier two = train(QUICK, WORLD);
        assertThat(ToyWorld.timeless(two.report())).isEqualTo(ToyWorld.timeless(one.report()));
        one.save(folder.resolve("one"));
        two.save(folder.resolve("two"));
        for (String file : List.of("model.safetensors", "splits.json", "ledger.json", "nec-curve.svg")) {
            assertThat(folder.resolve("two").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("one").resolve(file));
        }
        ConceptClassifier other = train(QUICK.withSeeds(1, 6), WORLD);
        assertThat(other.splits().getFirst().test().ids())
                .isNotEqualTo(one.splits().getFirst().test().ids());
    }

    @Test
    void noSeedTestsOnWhatItLearnedFromAndReservedItemsAreLearnedFromByAll() throws IOException {
        ConceptConfig config = ConceptConfig.defaults().withSeeds(3, 2).withMethod(Method.of("search"));
        ConceptClassifier classifier = train(config, WORLD);
        try (Dataset data = WORLD.data()) {
            List<String> reserved = Arrays.stream(Splits.reserved(data, 2, ConceptTraining.RESERVED))
                    .mapToObj(data::id)
                    .toList();
            assertThat(reserved).hasSize(48);
            assertThat(classifier.splits())
                    .hasSize(3)
                    .extracting(SplitRecord::seed)
                    .containsExactly(2L, 3L, 4L);
            for (SplitRecord split : classifier.splits()) {
                Set<String> fitted = new HashSet<>(split.train().ids());
                assertThat(fitted).containsAll(reserved);
                fitted.addAll(split.validation().ids());
                assertThat(split.test().ids()).isNotEmpty().doesNotContainAnyElementsOf(fitted);
                assertThat(fitted.size() + split.test().items()).isEqualTo(data.size());
            }
        }
    }

    @Test
    void withoutALimitTheSimplestNearTheBestIsChosenOnValidationItems() throws IOException {
        ConceptConfig config = ConceptConfig.defaults().withSeeds(1, 5).withMethod(Method.of("l1"));
        Report.SeedReport seed = train(config, WORLD).report().details().getFirst();
        List<Report.CurvePoint> dial = Objects.requireNonNull(seed.dial().get("method"));
        double best = dial.stream()
                .mapToDouble(Report.CurvePoint::validationLoss)
                .min()
                .orElseThrow();
        double expected = dial.stream()
                .filter(p -> p.validationLoss() <= 1.05 * best)
                .mapToDouble(Report.CurvePoint::nec)
                .min()
                .orElseThrow();
        assertThat(seed.nec()).isEqualTo(expected);
        assertThat(seed.dial()).containsOnlyKeys("method", "random-words", "random-directions");
    }

    @Test
    void classesCountAlikeWhereBalanceSaysSo() {
        ToyWorld unequal = ToyWorld.draw(1, 150, 150, 20, 150);
        double off = 0;
        double on = 0;
        try (Dataset data = unequal.data();
                EmbeddingMatrix items = unequal.matrix(unequal.texts())) {
            for (long seed = 0; seed < 4; seed++) {
                Split split = Splits.draw(data, seed, SplitShares.DEFAULT);
                off += macroF1(SeedData.of(data, items, split, ConceptConfig.Balance.OFF));
                SeedData balanced = SeedData.of(data, items, split, ConceptConfig.Balance.ON);
                on += macroF1(balanced);
                SeedData unsaid = SeedData.of(data, items, split, ConceptConfig.Balance.AUTO);
                assertThat(unsaid.train().weights()).isEqualTo(balanced.train().weights());
                for (double share : balanced.logShares()) {
                    assertThat(share).isEqualTo(Math.log(0.25), within(1e-5));
                }
            }
        }
        assertThat(on / 4).isGreaterThan(off / 4 + 0.01);
    }

    private static double macroF1(SeedData data) {
        var fitter = new MethodFitter(QUICK.withMethod(Method.of("l1")), null, Progress.silent(), new Cancellation());
        float[][] vectors = ToyWorld.CONCEPTS.stream().map(WORLD::vector).toArray(float[][]::new);
        int[] predicted = fitter.fit(data, vectors)
                .scorer()
                .predict(data.items(), data.test().rows());
        return Evaluation.of(data.test().labels(), predicted, data.classes()).macroF1();
    }

    @Test
    void unequalClassesAreNotedWithWhatIsDoneAboutThem() throws IOException {
        ToyWorld unequal = ToyWorld.draw(0.45, 40, 40, 8, 40);
        ConceptConfig config = QUICK.withMethod(Method.of("l1"));
        assertThat(train(config, unequal).report().warnings())
                .anyMatch(w -> w.contains("5.0 times") && w.contains("every class counts alike"));
        Report published = train(config.withFaithful(true), unequal).report();
        assertThat(published.warnings()).anyMatch(w -> w.contains("5.0 times") && w.contains("item alike"));
        assertThat(published.nec()).isLessThanOrEqualTo(3);
    }

    @Test
    void withoutAnEncoderThereAreFewerBaselinesAndWarningsThatSaySo() throws IOException {
        try (Dataset data = WORLD.embedded()) {
            Report three = ConceptTraining.ofEmbeddings(data)
                    .concepts(tensors(true))
                    .config(QUICK.withMethod(Method.of("l1")))
                    .run()
                    .report();
            assertThat(three.baselines()).containsOnlyKeys("zero-shot", "linear-probe", "random-directions");
            assertThat(three.warnings()).anyMatch(w -> w.contains("no random-words"));
            assertThat(three.warnings()).noneMatch(w -> w.contains("zero-shot"));
            Report two = ConceptTraining.ofEmbeddings(data)
                    .concepts(tensors(false))
                    .config(QUICK.withMethod(Method.of("l1")))
                    .run()
                    .report();
            assertThat(two.baselines()).containsOnlyKeys("linear-probe", "random-directions");
            assertThat(two.warnings()).anyMatch(w -> w.contains("no zero-shot"));
            assertThat(two.accuracy()).isEqualTo(three.accuracy()).isGreaterThan(0.75);
            var search = ConceptTraining.ofEmbeddings(data)
                    .concepts(tensors(false))
                    .config(QUICK.withMethod(Method.of("search")));
            assertThatThrownBy(search::run)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("class names must have embeddings");
        }
    }

    private Path tensors(boolean classes) throws IOException {
        Path file = folder.resolve(classes + ".safetensors");
        TensorView concepts = rows("embeddings", ToyWorld.CONCEPTS);
        List<String> shuffled = List.of("ship", "animal", "flower", "car"); // in no particular order
        String names = "[\"" + String.join("\",\"", ToyWorld.CONCEPTS) + "\"]";
        if (classes) {
            SafetensorsWriter.write(
                    file,
                    List.of(concepts, rows("class_embeddings", shuffled)),
                    Map.of("names", names, "classes", "[\"" + String.join("\",\"", shuffled) + "\"]"));
        } else {
            SafetensorsWriter.write(file, List.of(concepts), Map.of("names", names));
        }
        return file;
    }

    private static TensorView rows(String name, List<String> texts) {
        float[][] rows = texts.stream().map(WORLD::vector).toArray(float[][]::new);
        return StoredTensors.of(name, rows, ToyWorld.WIDTH);
    }

    @Test
    void refusesOneClassAndEmbeddingsOfAnotherWidth() throws IOException {
        ToyWorld single = ToyWorld.draw(0.4, 9);
        try (Dataset data = single.data()) {
            assertThatThrownBy(() -> ConceptTraining.of(data, single.encoder()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("at least two classes");
        }
        Path file = folder.resolve("narrow.safetensors");
        SafetensorsWriter.write(
                file, List.of(TensorView.of("embeddings", new float[] {1, 2}, 1, 2)), Map.of("names", "[\"fur\"]"));
        try (Dataset data = WORLD.embedded()) {
            var training = ConceptTraining.ofEmbeddings(data).concepts(file);
            assertThatThrownBy(training::run)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("width 32; got 2");
        }
        assertThat(Files.exists(file)).isTrue();
    }
}
