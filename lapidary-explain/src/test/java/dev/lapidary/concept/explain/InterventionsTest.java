package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.HandMade;
import dev.lapidary.concept.explain.Intervention.DropConcept;
import dev.lapidary.concept.explain.Intervention.EditWeight;
import dev.lapidary.concept.explain.Intervention.SetConcept;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InterventionsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> CLASSES = List.of("world", "sport", "trade");
    private static final List<String> CONCEPTS = List.of("c0", "c1", "c2", "c3", "c4", "c5");
    private static JsonNode golden;
    private static Interventions none;
    private static float[] item;

    @BeforeAll
    static void readGolden() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                InterventionsTest.class.getResourceAsStream("/golden/concept-bottleneck.json"))) {
            golden = JSON.readTree(in).get("intervention");
        }
        double[][] weights = new double[3][];
        for (int k = 0; k < 3; k++) {
            weights[k] = vector(golden.get("W_head").get(k));
        }
        double[] c = vector(golden.get("c"));
        double length = Math.sqrt(Arrays.stream(c).map(x -> x * x).sum());
        none = Interventions.on(HandMade.ofCoordinates(weights, vector(golden.get("bias")), length), CLASSES, CONCEPTS);
        item = HandMade.withLength(c, length);
    }

    private static double[] vector(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    private static double[] after(ItemChange change) {
        return change.logits().stream()
                .mapToDouble(ItemChange.ClassLogit::after)
                .toArray();
    }

    private static double[] before(ItemChange change) {
        return change.logits().stream()
                .mapToDouble(ItemChange.ClassLogit::before)
                .toArray();
    }

    /** An embedding is float32, so its scores are the golden ones to 1e-7. */
    private static org.assertj.core.data.Offset<Double> float32() {
        return within(1e-6);
    }

    @Test
    void settingAConceptChangesEveryLogitByItsContribution() {
        ItemChange change = none.apply(new SetConcept("c2", 0)).change(item);
        assertThat(before(change)).containsExactly(vector(golden.get("z")), float32());
        assertThat(after(change))
                .containsExactly(vector(golden.get("set_concept2_to_0").get("z")), float32());
        assertThat(change.flipped()).isFalse();
        assertThat(change.text())
                .startsWith("predicted: world, as before")
                .contains("  logit of trade: 0.193, before: 0.673");
    }

    @Test
    void saysWhatChangesNothing() {
        Interventions unused = Interventions.on(
                HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 0}}, new double[2], 2),
                List.of("a", "b"),
                List.of("x", "y"));

        assertThat(unused.applyAll(List.of(
                                new SetConcept("y", 1),
                                new DropConcept("y"),
                                new EditWeight("a", "x", 1),
                                new EditWeight("b", "x", 0.5),
                                new DropConcept("x"),
                                new DropConcept("x")))
                        .notes())
                .containsExactly(
                        "\"y\" decides for no class: setting its score changes nothing",
                        "\"y\" decides for no class: dropping it changes nothing",
                        "\"x\" has this weight for a already: nothing changes",
                        "\"x\" had no weight for b: the edit makes a concept decide that training left out",
                        "\"x\" decides for no class: dropping it changes nothing");
    }

    @Test
    void droppingAConceptDoesTheSameToThisItem() {
        ItemChange change = none.apply(new DropConcept("c2")).change(item);
        assertThat(after(change))
                .containsExactly(vector(golden.get("set_concept2_to_0").get("z")), float32());
    }

    @Test
    void theSuggestedEditGivesTheClassTheMarginAgainstThePredictedOne() {
        JsonNode edit = golden.get("weight_edit");
        List<EditWeight> edits =
                none.suggestEdit(item, "sport", "c1", edit.get("margin").asDouble());

        double step = edit.get("dw").asDouble();
        assertThat(edits.get(0).className()).isEqualTo("sport");
        assertThat(edits.get(0).weight()).isEqualTo(0.3 + step, float32());
        assertThat(edits.get(1).className()).isEqualTo("world");
        assertThat(edits.get(1).weight()).isEqualTo(-step, float32());
        double[] z = after(none.applyAll(edits).change(item));
        assertThat(z).containsExactly(vector(edit.get("z_after")), float32());
        assertThat(z[1] - z[0]).isEqualTo(edit.get("margin").asDouble(), within(1e-9));
    }

    @Test
    void takingBackRestoresEveryBit() {
        Interventions several = none.apply(new SetConcept("c0", -2))
                .apply(new EditWeight("trade", "c4", 3))
                .apply(new DropConcept("c0"));
        assertThat(several.log()).hasSize(3);
        assertThat(after(several.change(item))).isNotEqualTo(before(several.change(item)));
        Interventions back = several.undo().undo().undo();
        assertThat(back.log()).isEmpty();
        assertThat(after(back.change(item))).containsExactly(before(none.change(item)));
        assertThat(back.scorer()).isSameAs(none.scorer());
        assertThatThrownBy(back::undo).isInstanceOf(InputException.class).hasMessageContaining("got none");
    }

    @Test
    void severalApplyInOrder() {
        // an edit after a drop brings the concept back for one class; a drop after an edit takes it out
        double[] back = after(none.apply(new DropConcept("c0"))
                .apply(new EditWeight("sport", "c0", 2))
                .change(item));
        assertThat(back[0]).isEqualTo(0.96 - 0.9 * 1.2, float32());
        assertThat(back[1]).isEqualTo(-0.15 + 2 * 1.2, float32());
        double[] out = after(none.apply(new EditWeight("sport", "c0", 2))
                .apply(new DropConcept("c0"))
                .change(item));
        assertThat(out[1]).isEqualTo(-0.15, float32());
        double[] last = after(none.apply(new SetConcept("c0", 9))
                .apply(new SetConcept("c0", 0))
                .change(item));
        assertThat(last[0]).isEqualTo(0.96 - 0.9 * 1.2, float32());
    }

    @Test
    void listsTheItemsWhosePredictionChanges() {
        ConceptScorer scorer = HandMade.ofCoordinates(new double[][] {{1, 0}, {0, 1}}, new double[2], 1);
        Interventions drop =
                Interventions.on(scorer, List.of("a", "b"), List.of("x", "y")).apply(new DropConcept("x"));
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{0.8f, 0.6f}, {0.6f, 0.8f}, {0.8f, -0.6f}})) {
            ChangeList list = drop.changes(items, List.of("i", "ii", "iii"), new int[] {0, 1, -1});
            assertThat(list.changes()).containsExactly(new ChangeList.Change("i", "a", "b", "a"));
            assertThat(list.items()).isEqualTo(3);
            assertThat(list.labelled()).isEqualTo(2);
            assertThat(list.accuracyBefore()).isEqualTo(1);
            assertThat(list.accuracyAfter()).isEqualTo(0.5);
            assertThat(list.text())
                    .contains("1 of 3 predictions changed", "100.0 % -> 50.0 % over 2", "  i: a -> b (label a)");

            ChangeList unlabelled = drop.changes(items, List.of("i", "ii", "iii"), null);
            assertThat(unlabelled.accuracyBefore()).isNull();
            assertThat(JSON.readValue(JSON.writeValueAsString(unlabelled), ChangeList.class))
                    .isEqualTo(unlabelled);
        }
    }

    @Test
    void aDataSetIsDecidedAsItsItemsAre() {
        Random random = new Random(3);
        for (int round = 0; round < 20; round++) {
            ConceptScorer scorer = HandMade.random(3, 5, round % 2 == 0, random);
            Interventions all = Interventions.on(scorer, ExplainerTest.names("k", 3), ExplainerTest.names("m", 5))
                    .apply(new SetConcept("m1", 2))
                    .apply(new EditWeight("k2", "m1", 1.5))
                    .apply(new SetConcept("m4", -1))
                    .apply(new DropConcept("m0"));
            float[][] rows = new float[30][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = HandMade.withLength(random.doubles(5, -1, 1).toArray(), 1);
            }
            try (EmbeddingMatrix items = EmbeddingMatrix.of(rows)) {
                List<String> changed = all.changes(items, ExplainerTest.names("", 30), null).changes().stream()
                        .map(c -> c.id() + c.before() + c.after())
                        .toList();
                List<String> one = java.util.stream.IntStream.range(0, rows.length)
                        .filter(i -> all.change(rows[i]).flipped())
                        .mapToObj(i -> i
                                + all.change(rows[i]).before()
                                + all.change(rows[i]).after())
                        .toList();
                assertThat(changed).isEqualTo(one);
            }
        }
    }

    @Test
    void setValuesAreNotPartOfTheScorerThatIsKept() {
        Interventions both = none.apply(new SetConcept("c2", 0)).apply(new EditWeight("world", "c1", 4));
        assertThat(both.scorer().map().weight(0, 1)).isEqualTo(4);
        assertThat(both.scorer().map().weight(0, 2)).isEqualTo(-0.4);
        assertThat(both.scorer().map().bias()).containsExactly(vector(golden.get("bias")));
    }

    @Test
    void badRequestsAreOneClearLine() {
        assertThatThrownBy(() -> none.apply(new DropConcept("c9")))
                .isInstanceOf(InputException.class)
                .hasMessage("concept must be one of the classifier's 6; got \"c9\", nearest is \"c0\"");
        assertThatThrownBy(() -> none.apply(new DropConcept("nothing like it")))
                .hasMessage("concept must be one of the classifier's 6; got \"nothing like it\"");
        assertThatThrownBy(() -> none.apply(new EditWeight("Sports", "c0", 1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nearest is \"sport\"");
        assertThatThrownBy(() -> new SetConcept("c0", Double.NaN))
                .isInstanceOf(InputException.class)
                .hasMessage("value of concept c0 must be finite; got NaN");
        assertThatThrownBy(() -> none.suggestEdit(item, "world", "c1", 0.2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("predicted already; got world");
        assertThatThrownBy(() -> none.suggestEdit(item, "sport", "c3", 0.2))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must reach the map for this item; got \"c3\" at 0.0");
    }

    @Test
    void searchIsRefused() {
        try (EmbeddingMatrix c = EmbeddingMatrix.of(new float[][] {{1, 0, 0}, {0, 1, 0}});
                EmbeddingMatrix k = EmbeddingMatrix.of(new float[][] {{1, 1, 0}, {0, 1, 1}})) {
            var search = ExplainerTest.search(ConceptMatrixSearch.fit(c, k, null, null, 0));
            assertThatThrownBy(() -> Interventions.on(search, List.of("a", "b"), List.of("x", "y")))
                    .isInstanceOf(InputException.class)
                    .hasMessage(
                            "interventions must be on a method that learns weights; got search, which trains nothing");
        }
    }

    @Test
    void readsTheCommandLinesForm() {
        assertThat(Intervention.parseSet("a = b=-1.5")).isEqualTo(new SetConcept("a = b", -1.5));
        assertThat(Intervention.parseEdit("sport:ball=2e-1", CLASSES)).isEqualTo(new EditWeight("sport", "ball", 0.2));
        assertThat(Intervention.parseEdit("sci: tech:ball=1", List.of("sci", "sci: tech")))
                .isEqualTo(new EditWeight("sci: tech", "ball", 1));
        assertThatThrownBy(() -> Intervention.parseSet("ball"))
                .isInstanceOf(InputException.class)
                .hasMessage("a value to set must read NAME=VALUE; got ball");
        assertThatThrownBy(() -> Intervention.parseSet("ball=much"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a number; got ball=much");
        assertThatThrownBy(() -> Intervention.parseEdit("ball=1", CLASSES))
                .isInstanceOf(InputException.class)
                .hasMessage("a weight to edit must read CLASS:NAME=WEIGHT; got ball=1");
    }

    @Test
    void theLogReadsBackFromJson() {
        List<Intervention> log =
                List.of(new SetConcept("c0", 1), new DropConcept("c1"), new EditWeight("sport", "c2", -0.5));
        for (Intervention one : log) {
            String json = JSON.writeValueAsString(one);
            assertThat(JSON.readValue(json, Intervention.class)).isEqualTo(one);
        }
        assertThat(JSON.writeValueAsString(log.get(1))).contains("\"kind\":\"drop\"");
    }
}
