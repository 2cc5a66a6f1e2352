package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.relax.HardConcrete;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a saved classifier calculates by itself must be what training calculated. */
class TwinsTest {
    @ParameterizedTest
    @ValueSource(doubles = {-50, -2.5, -2.3978, -1, -1e-9, 0, 0.3, 2, 2.3979, 2.5, 50})
    void aGateIsTheHardConcreteOneAfterTraining(double logAlpha) {
        var gates = new ConceptGates(new double[] {0.5}, new double[] {logAlpha / 2});

        assertThat(gates.gate(0, logAlpha)).isEqualTo(HardConcrete.standard().gate(logAlpha));
    }
}
