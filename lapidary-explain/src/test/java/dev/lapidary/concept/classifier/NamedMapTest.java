package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class NamedMapTest {
    private static final JsonNode NEC = Golden.ROOT.get("nec_ncc");
    private static final JsonNode INTERVENTION = Golden.ROOT.get("intervention");

    private static NamedMap nec() {
        return new NamedMap(Golden.matrix(NEC.get("W_head")), new double[3]);
    }

    @Test
    void countsEffectiveConceptsPerClass() {
        assertThat(nec().nec()).isEqualTo(NEC.get("NEC").asDouble());
    }

    @Test
    void countsContributingConceptsForEveryShare() {
        double[][] activations = Golden.matrix(NEC.get("activations"));
        NEC.get("NCC_tau")
                .properties()
                .forEach(e -> assertThat(
                                Sparsity.contributingConcepts(nec(), activations, Double.parseDouble(e.getKey())))
                        .as("share " + e.getKey())
                        .isEqualTo(e.getValue().asDouble(), within(1e-12)));
    }

    @Test
    void truncatesByMagnitudeOverTheWholeMap() {
        NamedMap kept = nec().truncatedTo(2);
        assertThat(kept.weights()).isDeepEqualTo(Golden.matrix(NEC.get("truncate_to_NEC_2")));
        int used = 0;
        for (int m = 0; m < kept.concepts(); m++) {
            used += kept.uses(m) ? 1 : 0;
        }
        assertThat(used)
                .isEqualTo(NEC.get("concepts_with_any_weight_after_truncation").asInt());
    }

    @Test
    void truncationNeverKeepsMoreThanAllowedWhereWeightsTie() {
        NamedMap equal = new NamedMap(new double[][] {{1, 1, 1}, {1, -1, 1}}, new double[2]);
        assertThat(equal.truncatedTo(2).present()).isEqualTo(4);
        assertThat(equal.truncatedTo(0).present()).isZero();
        assertThat(equal.truncatedTo(9).present()).isEqualTo(6);
    }

    @Test
    void hoyerIsOneForOneHotAndZeroForConstants() {
        assertThat(Sparsity.hoyer(Golden.vector(NEC.get("hoyer").get("x"))))
                .isEqualTo(NEC.get("hoyer").get("value").asDouble(), within(1e-12));
        assertThat(Sparsity.hoyer(new double[] {0, 7, 0})).isEqualTo(1, within(1e-12));
        assertThat(Sparsity.hoyer(new double[] {2, 2, 2})).isEqualTo(0, within(1e-12));
        assertThat(Sparsity.hoyer(new double[4])).isZero();
    }

    @Test
    void contributionsAndBiasSumToTheLogit() {
        NamedMap map = new NamedMap(Golden.matrix(INTERVENTION.get("W_head")), Golden.vector(INTERVENTION.get("bias")));
        double[] c = Golden.vector(INTERVENTION.get("c"));
        assertThat(map.logits(c)).containsExactly(Golden.vector(INTERVENTION.get("z")), within(1e-12));
        double[] parts = map.contributions(0, c);
        assertThat(parts).containsExactly(Golden.vector(INTERVENTION.get("contributions_class0")), within(1e-12));
        assertThat(java.util.Arrays.stream(parts).sum() + map.bias(0)).isEqualTo(map.logits(c)[0], within(1e-12));
    }

    @Test
    void settingAConceptToZeroChangesEveryLogitByItsContribution() {
        NamedMap map = new NamedMap(Golden.matrix(INTERVENTION.get("W_head")), Golden.vector(INTERVENTION.get("bias")));
        double[] c = Golden.vector(INTERVENTION.get("c"));
        JsonNode set = INTERVENTION.get("set_concept2_to_0");
        double[] changed = c.clone();
        changed[2] = 0;
        assertThat(map.logits(changed)).containsExactly(Golden.vector(set.get("z")), within(1e-12));
        assertThat(map.without(2).logits(c)).containsExactly(Golden.vector(set.get("z")), within(1e-12));
    }

    @Test
    void aWeightEditIsExactAndRevertingItRestoresEveryBit() {
        NamedMap map = new NamedMap(Golden.matrix(INTERVENTION.get("W_head")), Golden.vector(INTERVENTION.get("bias")));
        double[] c = Golden.vector(INTERVENTION.get("c"));
        JsonNode edit = INTERVENTION.get("weight_edit");
        int concept = edit.get("concept").asInt();
        double dw = edit.get("dw").asDouble();
        NamedMap edited = map.withWeight(1, concept, map.weight(1, concept) + dw)
                .withWeight(0, concept, map.weight(0, concept) - dw);
        assertThat(edited.logits(c)).containsExactly(Golden.vector(edit.get("z_after")), within(1e-12));
        NamedMap back =
                edited.withWeight(1, concept, map.weight(1, concept)).withWeight(0, concept, map.weight(0, concept));
        assertThat(back.logits(c)).containsExactly(map.logits(c));
    }
}
