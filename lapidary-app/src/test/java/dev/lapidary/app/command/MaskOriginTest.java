package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MaskOriginTest {
    @Test
    void settingsAreNamedForPeople() {
        Map<String, String> learned = Map.of(
                "context", "0",
                "microbatch", "0",
                "dense", "",
                "gateRate", "0.002,2.0E-4",
                "kappa", "100.0,500.0",
                "lambda", "1.0E-5",
                "prior", "none",
                "steps", "300",
                "state", "BF16",
                "somethingNew", "7");

        assertThat(MaskOrigin.text(new TreeMap<>(learned)).lines())
                .containsExactly(
                        "started from: random choices",
                        "training steps: 300",
                        "learning rate of the choice: 0.002 to 0.0002",
                        "scale of the logits: 100 to 500",
                        "reward of large kept weights: 1e-05",
                        "logits and moments held in: bf16",
                        "something new: 7");
    }

    @Test
    void digestsAreShort() {
        assertThat(MaskOrigin.text(new TreeMap<>(Map.of("text", "0123456789abcdef"))))
                .isEqualTo("digest of the training text: 0123456789ab...\n");
    }
}
