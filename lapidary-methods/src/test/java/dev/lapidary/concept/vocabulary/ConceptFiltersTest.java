package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptLedger.Entry;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.ConceptFilters.Settings;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Components;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConceptFiltersTest {
    private static final TextSimilarity UNRELATED = (rows, columns) -> new float[rows.size() * columns.size()];
    private static final ConceptFilters.Activation ACTIVE =
            names -> names.stream().mapToDouble(name -> 0.5).toArray();
    private static JsonNode golden;

    private final ConceptLedger ledger = new ConceptLedger();
    private final ConceptFilters filters = new ConceptFilters(Settings.defaults());

    @BeforeAll
    static void readGolden() throws IOException {
        try (InputStream in =
                ConceptFiltersTest.class.getResourceAsStream("/dev/lapidary/concept/concept-filters.json")) {
            golden = JsonMapper.shared().readTree(in);
        }
    }

    private static TextSimilarity constant(double value) {
        return (rows, columns) -> {
            float[] all = new float[rows.size() * columns.size()];
            for (int i = 0; i < all.length; i++) {
                boolean same = rows.get(i / columns.size()).equals(columns.get(i % columns.size()));
                all[i] = same ? 1 : (float) value;
            }
            return all;
        };
    }

    @Test
    void hasThePublishedDefaults() {
        assertThat(Settings.defaults().classCutoff())
                .isEqualTo(golden.get("class_cutoff").doubleValue());
        assertThat(Settings.defaults().duplicateCutoff())
                .isEqualTo(golden.get("other_cutoff").doubleValue());
        assertThat(Settings.defaults().maxLength()).isEqualTo(30);
    }

    @Test
    void noneKeepsWhatEveryRuleWouldDropAndMeasuresNothing() {
        List<String> chosen = List.of("k", "w".repeat(80), "twin", "twins");
        TextSimilarity unused = (rows, columns) -> {
            throw new AssertionError("measured");
        };
        ConceptFilters.Activation never = names -> {
            throw new AssertionError("measured");
        };
        ConceptSet kept = new ConceptFilters(Settings.none())
                .apply(ConceptSet.of("s", chosen), List.of("k"), unused, never, ledger);
        assertThat(kept.names()).isEqualTo(chosen);
        assertThat(ledger.entries())
                .hasSize(4)
                .first()
                .isEqualTo(new Entry("k", "s", ConceptLedger.UNFILTERED, true, 0, 0, "", 0));
        assertThat(ledger.dropped()).isEmpty();
    }

    @Test
    void oneLimitAloneDropsOnlyByItAndSaysWhy() {
        List<String> chosen = List.of("k", "w".repeat(80), "twin", "twins");
        Settings inactive = Components.with(Settings.none(), "activationCutoff", 0.25);
        ConceptSet kept = new ConceptFilters(inactive)
                .apply(
                        ConceptSet.of("s", chosen),
                        List.of("k"),
                        UNRELATED,
                        n -> new double[] {1, 0.25, 0.21, 0.3},
                        ledger);
        assertThat(kept.names()).containsExactly("k", "w".repeat(80), "twins");
        assertThat(ledger.dropped()).singleElement().satisfies(entry -> {
            assertThat(entry.rule()).isEqualTo("activation");
            assertThat(entry.reason()).isEqualTo("\"twin\" 0.21 below 0.25");
        });
    }

    @Test
    void keepsThirtyCharactersAndDropsThirtyOne() {
        String keep = golden.at("/max_len_30/keep").stringValue();
        String drop = golden.at("/max_len_30/drop").stringValue();
        ConceptSet kept =
                filters.apply(ConceptSet.of("s", List.of(keep, drop)), List.of("k"), UNRELATED, ACTIVE, ledger);
        assertThat(kept.names()).containsExactly(keep);
        assertThat(ledger.entries()).contains(new Entry(drop, "s", "length", false, 31, 30, "", 0));
    }

    @Test
    void countsCharactersRatherThanUtf16Units() {
        String faces = "\uD83D\uDE00".repeat(30);
        assertThat(filters.apply(ConceptSet.of("s", List.of(faces)), List.of("k"), UNRELATED, ACTIVE, ledger)
                        .size())
                .isOne();
    }

    @Test
    void dropsClassNamesWhateverCaseAndArticle() {
        ConceptSet kept = filters.apply(
                ConceptSet.of("s", List.of("A Bird", "THE wing", "feather", "another wing")),
                List.of("the Wing", "bird"),
                UNRELATED,
                ACTIVE,
                ledger);
        assertThat(kept.names()).containsExactly("feather", "another wing");
        assertThat(ledger.entries())
                .contains(
                        new Entry("A Bird", "s", "class-name", false, 1, 1, "bird", 0),
                        new Entry("THE wing", "s", "class-name", false, 1, 1, "the Wing", 0));
    }

    @Test
    void combinedSimilarityDropsAgainstClassesButNotAgainstConcepts() {
        JsonNode example = golden.get("example");
        TextSimilarity combined = TextSimilarity.weighted(
                constant(example.get("mpnet").doubleValue()), 1,
                constant(example.get("clip").doubleValue()), 3);
        assertThat((double) combined.between(List.of("a"), List.of("b"))[0])
                .isCloseTo(example.get("combined").doubleValue(), within(1e-7));

        assertThatThrownBy(() ->
                        filters.apply(ConceptSet.of("s", List.of("a", "b")), List.of("k"), combined, ACTIVE, ledger))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "at least one concept must pass the filters; got none of 2 (dropped by class-similarity: 2)");
        assertThat(ledger.entries().get(0).value()).isCloseTo(0.875, within(1e-7));
        assertThat(ledger.entries().get(0).against()).isEqualTo("k");

        ConceptLedger second = new ConceptLedger();
        ConceptSet kept = filters.apply(ConceptSet.of("s", List.of("a", "b")), List.of(), combined, ACTIVE, second);
        assertThat(kept.names()).containsExactly("a", "b");
        Entry nearest = second.entries().get(0);
        assertThat(nearest.kept()).isTrue();
        assertThat(nearest.rule()).isEqualTo("duplicate");
        assertThat(nearest.against()).isEqualTo("b");
        assertThat(nearest.value()).isCloseTo(0.875, within(1e-7));
    }

    @Test
    void comparesConceptsWithTheClassOfTheirOwnIndexToo() {
        // similar to class 0 only, which the published code never compares concept 0 with
        TextSimilarity diagonal = (rows, columns) -> {
            float[] all = new float[rows.size() * columns.size()];
            for (int i = 0; i < Math.min(rows.size(), columns.size()); i++) {
                all[i * columns.size() + i] = columns.get(i).startsWith("class") ? 0.9f : 1;
            }
            return all;
        };
        ConceptSet kept = filters.apply(
                ConceptSet.of("s", List.of("a", "b", "c")), List.of("class x", "class y"), diagonal, ACTIVE, ledger);
        assertThat(kept.names()).containsExactly("c");
    }

    @Test
    void ofASimilarPairTheOneWithTheSmallerRowSumGoes() {
        JsonNode example = golden.get("duplicate_rule_example");
        List<String> names = List.of("n0", "n1", "n2", "n3");
        TextSimilarity given = (rows, columns) -> {
            float[] all = new float[rows.size() * columns.size()];
            for (int i = 0; i < all.length; i++) {
                int row = names.indexOf(rows.get(i / columns.size()));
                int column = names.indexOf(columns.get(i % columns.size()));
                all[i] = (float) example.get("sim").get(row).get(column).doubleValue();
            }
            return all;
        };
        Settings settings = new Settings(30, 2, example.get("cutoff").doubleValue(), -1);
        ConceptSet kept =
                new ConceptFilters(settings).apply(ConceptSet.of("s", names), List.of("k"), given, ACTIVE, ledger);
        assertThat(kept.names()).containsExactly("n1", "n2", "n3");
        Entry dropped = ledger.entries().get(0);
        assertThat(dropped.concept())
                .isEqualTo("n" + example.get("deleted_index").intValue());
        assertThat(dropped.value()).isCloseTo(0.95, within(1e-7));
        assertThat(dropped.against()).isEqualTo("n1");
        assertThat(ledger.entries()).hasSize(4);
    }

    @Test
    void ofEqualRowSumsTheLaterOneGoes() {
        ConceptSet kept =
                filters.apply(ConceptSet.of("s", List.of("a", "b")), List.of(), constant(0.95), ACTIVE, ledger);
        assertThat(kept.names()).containsExactly("a");
    }

    @Test
    void dropsWhatNoTrainingItemShows() {
        ToyEncoder encoder = new ToyEncoder(
                Map.of("k", new float[] {0, 0, 5}, "seen", new float[] {2, 0, 0}, "rare", new float[] {0, 3, 0}));
        float[][] items = new float[10][];
        for (int i = 0; i < 10; i++) {
            items[i] = i < 5 ? new float[] {4, 3, 0} : new float[] {0, 0, -1}; // cosines 0.8 and 0.6, then 0
        }
        items[0] = new float[] {1, 0, 0}; // 1 and 0
        try (EmbeddingMatrix training = EmbeddingMatrix.of(items)) {
            ConceptSet kept = new ConceptFilters(new Settings(30, 0.85, 0.9, 0.5))
                    .apply(ConceptSet.of("s", List.of("seen", "rare")), List.of("k"), encoder, training, ledger);
            assertThat(kept.names()).containsExactly("seen");
        }
        Entry rare = ledger.entries().get(0);
        assertThat(rare.rule()).isEqualTo("activation");
        assertThat(rare.value()).isCloseTo((4 * 0.6 + 0) / 5, within(1e-6));
        assertThat(ledger.entries().get(1).value()).isCloseTo((4 * 0.8 + 1) / 5, within(1e-6));
    }

    @Test
    void warnsWhereTheCutoffLeavesLessThanHalf() {
        double[] shown = {0.24, 0.1, 0.3, 0.2};
        for (int concepts : new int[] {3, 4}) { // two of three are dropped, then three of four
            ConceptLedger made = new ConceptLedger();
            List<String> names = List.of("a", "b", "c", "d").subList(0, concepts);
            filters.apply(
                    ConceptSet.of("s", names),
                    List.of("k"),
                    UNRELATED,
                    left -> Arrays.copyOf(shown, left.size()),
                    made);
            assertThat(made.activationWarning())
                    .hasValueSatisfying(warning -> assertThat(warning)
                            .contains("%d of %d concepts are dropped".formatted(concepts - 1, concepts))
                            .contains("cutoff of 0.25")
                            .contains("half of them %s or less".formatted(concepts == 3 ? "0.24" : "0.20")));
        }
        filters.apply(
                ConceptSet.of("s", List.of("a", "c")),
                List.of("k"),
                UNRELATED,
                left -> new double[] {0.1, 0.3},
                ledger);
        assertThat(ledger.dropped(ConceptLedger.ACTIVATION)).isOne();
        assertThat(ledger.activationWarning()).isEmpty(); // one of two
    }

    @Test
    void doesNotAskForActivationWithoutTrainingItems() {
        ToyEncoder encoder = new ToyEncoder(Map.of("k", new float[] {1, 0}, "a", new float[] {0, 1}));
        try (EmbeddingMatrix none = EmbeddingMatrix.allocate(0, 2)) {
            assertThat(filters.apply(ConceptSet.of("s", List.of("a")), List.of("k"), encoder, none, ledger)
                            .size())
                    .isOne();
        }
    }

    @Test
    void recordsOneEntryForEachCandidateWithItsLine() {
        ledger.locate("b", 7);
        filters.apply(ConceptSet.of("s", List.of("a", "b", "x".repeat(40))), List.of("A"), UNRELATED, ACTIVE, ledger);
        assertThat(ledger.entries()).hasSize(3);
        Entry kept = ledger.entries().get(2);
        assertThat(kept.concept()).isEqualTo("b");
        assertThat(kept.line()).isEqualTo(7);
        assertThat(kept.rule()).isEqualTo("activation"); // 0.25 above its cutoff: nearer than 0.85 and 0.9 below theirs
        assertThat(kept.value()).isEqualTo(0.5);
    }

    @Test
    void findsTheSameDuplicatesInBlocksAsOneByOne() {
        Random random = new Random(3);
        List<String> names = IntStream.range(0, 700).mapToObj(i -> "n" + i).toList();
        float[][] vectors = new float[700][17];
        for (int i = 0; i < 700; i++) {
            for (int j = 0; j < 17; j++) {
                vectors[i][j] = i % 7 == 6
                        ? vectors[(i * 13) % i][j] + 0.2f * (float) random.nextGaussian()
                        : (float) random.nextGaussian();
            }
        }
        ConceptSet kept = new ConceptFilters(new Settings(30, 2, 0.9, -1))
                .apply(ConceptSet.of("s", names), List.of(), CosineSimilarity.of(names, vectors), ACTIVE, ledger);
        assertThat(kept.names()).isEqualTo(oneByOne(names, vectors));
        assertThat(kept.size()).isBetween(500, 690);
    }

    private static List<String> oneByOne(List<String> names, float[][] vectors) {
        int count = names.size();
        double[][] cosines = new double[count][count];
        double[] sums = new double[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                cosines[i][j] = cosine(vectors[i], vectors[j]);
                sums[i] += cosines[i][j];
            }
        }
        Set<Integer> gone = new HashSet<>();
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                if (cosines[i][j] >= 0.9 && !gone.contains(i) && !gone.contains(j)) {
                    gone.add(sums[i] < sums[j] ? i : j);
                }
            }
        }
        List<String> left = new ArrayList<>(names);
        gone.forEach(i -> left.remove("n" + i));
        return left;
    }

    static double cosine(float[] a, float[] b) {
        double dot = 0;
        double squaresA = 0;
        double squaresB = 0;
        for (int j = 0; j < a.length; j++) {
            dot += (double) a[j] * b[j];
            squaresA += (double) a[j] * a[j];
            squaresB += (double) b[j] * b[j];
        }
        return dot / Math.sqrt(squaresA * squaresB);
    }

    @Test
    void refusesSettingsThatCannotBeMeant() {
        assertThatThrownBy(() -> new Settings(0, 0.85, 0.9, 0.25)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Settings(30, Double.NaN, 0.9, 0.25)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> new Settings(30, 0.85, 0.9, 25)).hasMessageContaining("got 25.0");
    }
}
