package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.Golden;
import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(OpenScope.class)
class BottleneckLossesTest {
    private static void check(JsonNode logits, UnaryOperator<Tensor> loss, double value, JsonNode gradient) {
        Tensor c = Tensors.of(Golden.matrix(logits)).set_requires_grad(true);
        Tensor l = loss.apply(c);
        l.backward();
        assertThat(l.item().toDouble()).isEqualTo(value, within(1e-9));
        if (gradient != null) {
            assertThat(Tensors.toDoubles(c.grad())).containsExactly(Golden.flat(gradient), within(1e-9));
        }
    }

    @Test
    void forwardAndCrossEntropyWithBothGradients() {
        JsonNode g = Golden.ROOT.get("forward_ce");
        Tensor w = Tensors.of(Golden.matrix(g.get("W_cbl"))).set_requires_grad(true);
        Tensor h = Tensors.of(Golden.matrix(g.get("W_head"))).set_requires_grad(true);
        Tensor c = torch.linear(Tensors.of(Golden.matrix(g.get("S"))), w);
        Tensor z = torch.linear(c, h);
        long[] labels = java.util.Arrays.stream(Golden.integers(g.get("labels")))
                .asLongStream()
                .toArray();
        Tensor ce = torch.cross_entropy_loss(z, Tensors.of(labels, labels.length));
        ce.backward();
        assertThat(Tensors.toDoubles(c.detach())).containsExactly(Golden.flat(g.get("c")), within(1e-9));
        assertThat(ce.item().toDouble()).isEqualTo(g.get("cross_entropy").asDouble(), within(1e-9));
        assertThat(Tensors.toDoubles(w.grad())).containsExactly(Golden.flat(g.get("dCE_dW_cbl")), within(1e-9));
        assertThat(Tensors.toDoubles(h.grad())).containsExactly(Golden.flat(g.get("dCE_dW_head")), within(1e-9));
    }

    @Test
    void l1IsDividedByTheNumberOfConcepts() {
        JsonNode g = Golden.ROOT.get("l1");
        check(
                g.get("W_cbl"),
                w -> BottleneckLosses.l1(w, g.get("lambda").asDouble()),
                g.get("loss_over_M").asDouble(),
                g.get("grad_of_loss_over_M"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide_B3_M5", "tall_B5_M3"})
    void contrastive(String shape) {
        JsonNode g = Golden.ROOT.get("contrastive").get(shape);
        check(g.get("logits"), BottleneckLosses::contrastive, g.get("loss").asDouble(), g.get("grad"));
    }

    @Test
    void contrastiveIdentities() {
        Tensor constant = torch.ones(32, 370);
        assertThat(BottleneckLosses.contrastive(constant).item().toDouble())
                .isEqualTo((Math.log(32) + Math.log(370)) / 2, within(1e-5));
        JsonNode scaled = Golden.ROOT.get("contrastive").get("identities").get("scaled_identity");
        double[] s = Golden.vector(scaled.get("s"));
        for (int i = 0; i < s.length; i++) {
            double[][] identity = new double[4][4];
            for (int j = 0; j < 4; j++) {
                identity[j][j] = s[i];
            }
            assertThat(BottleneckLosses.contrastive(Tensors.of(identity)).item().toDouble())
                    .isEqualTo(scaled.get("loss").get(i).asDouble(), within(1e-9));
        }
        JsonNode logits = Golden.ROOT.get("contrastive").get("square").get("logits");
        double[][] swapped = Golden.matrix(logits);
        for (double[] row : swapped) {
            double first = row[0];
            row[0] = row[1];
            row[1] = first;
        }
        assertThat(BottleneckLosses.contrastive(Tensors.of(swapped)).item().toDouble())
                .isNotCloseTo(
                        Golden.ROOT.get("contrastive").get("square").get("loss").asDouble(), within(1e-3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "1.0", "2.0"})
    void gumbelForEveryTemperature(String temperature) {
        JsonNode g = Golden.ROOT.get("gumbel");
        JsonNode at = g.get("tau").get(temperature);
        double tau = Double.parseDouble(temperature);
        Tensor noise0 = gumbelOf(g.get("U_dim0"));
        Tensor noise1 = gumbelOf(g.get("U_dim1"));
        check(
                g.get("logits"),
                c -> BottleneckLosses.gumbel(c, noise0, noise1, tau),
                at.get("loss").asDouble(),
                at.get("grad"));
    }

    @Test
    void gumbelOnTheDiagonal() {
        JsonNode g = Golden.ROOT.get("gumbel");
        JsonNode variant = g.get("diag_variant_tau1");
        Tensor noise0 = gumbelOf(g.get("U_dim0"));
        Tensor noise1 = gumbelOf(g.get("U_dim1"));
        check(
                g.get("logits"),
                c -> BottleneckLosses.gumbelDiagonal(c, noise0, noise1, 1),
                variant.get("loss").asDouble(),
                variant.get("grad"));
    }

    private static Tensor gumbelOf(JsonNode uniforms) {
        double[][] u = Golden.matrix(uniforms);
        for (double[] row : u) {
            for (int j = 0; j < row.length; j++) {
                row[j] = -Math.log(-Math.log(row[j]));
            }
        }
        return Tensors.of(u);
    }

    @Test
    void similarityPlainAndCubed() {
        JsonNode g = Golden.ROOT.get("similarity");
        Tensor s = Tensors.of(Golden.matrix(g.get("S")));
        for (String form : new String[] {"plain", "cubed"}) {
            JsonNode golden = g.get(form);
            check(
                    g.get("c"),
                    c -> BottleneckLosses.similarity(s, c, form.equals("cubed")),
                    golden.get("loss").asDouble(),
                    golden.get("grad_c"));
        }
    }

    @Test
    void similarityIdentities() {
        double[][] rows = Golden.matrix(Golden.ROOT.get("similarity").get("S"));
        Tensor s = Tensors.of(rows);
        assertThat(BottleneckLosses.similarity(s, s, false).item().toDouble()).isEqualTo(-1, within(1e-12));
        assertThat(BottleneckLosses.similarity(s, s.neg(), false).item().toDouble())
                .isEqualTo(1, within(1e-12));
        Tensor c = Tensors.of(Golden.matrix(Golden.ROOT.get("similarity").get("c")));
        double plain = BottleneckLosses.similarity(s, c, false).item().toDouble();
        double affine = BottleneckLosses.similarity(
                        s, c.mul(new org.bytedeco.pytorch.Scalar(3.0)).add(new org.bytedeco.pytorch.Scalar(7.0)), false)
                .item()
                .toDouble();
        assertThat(affine).isEqualTo(plain, within(1e-12));
        for (double[] row : rows) {
            row[1] = 5; // a constant column counts 0, and its gradient is 0, not NaN
        }
        Tensor constant = Tensors.of(rows).set_requires_grad(true);
        Tensor loss = BottleneckLosses.similarity(s, constant, false);
        loss.backward();
        assertThat(loss.item().toDouble()).isEqualTo(-2.0 / 3, within(1e-12));
        assertThat(java.util.Arrays.stream(Tensors.toDoubles(constant.grad())).allMatch(Double::isFinite))
                .isTrue();
    }
}
