package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SystemsCommandsTest {
    @TempDir
    Path folder;

    private static JsonNode json(CommandRun run) {
        return JsonMapper.shared().readTree(run.out().lines().toList().getLast());
    }

    @Test
    void listNamesAllRows() {
        CommandRun run = CommandRun.of("systems", "--json");
        assertThat(run.status()).isZero();
        JsonNode systems = json(run).path("systems");
        assertThat(systems.size()).isGreaterThanOrEqualTo(130);
        JsonNode gumbel = systems.get(61);
        assertThat(gumbel.path("row").asInt()).isEqualTo(62);
        assertThat(gumbel.path("id").asString()).isEqualTo("gumbel-softmax");
        assertThat(gumbel.path("family").asString()).isEqualTo("select-gumbel");
        assertThat(gumbel.path("tier").asString()).isEqualTo("A");
        assertThat(gumbel.path("state").asString()).isIn("not begun", "runs", "held", "lost");
        assertThat(CommandRun.of("systems").out()).contains("gumbel-softmax", "cut-cross-entropy");
    }

    @Test
    void showSaysWhatIsClaimed() {
        CommandRun run = CommandRun.of("systems", "show", "cut-cross-entropy", "--json");
        assertThat(run.status()).isZero();
        assertThat(json(run).path("claim").asString()).contains("24 GB → 1 MB");
        assertThat(CommandRun.of("systems", "show", "49").out()).contains("Cut Your Losses", "24 GB → 1 MB");
    }

    @Test
    void unknownIdsSuggestTheNearest() {
        CommandRun run = CommandRun.of("systems", "verify", "gumbel-sofmax", "--json");
        assertThat(run.status()).isEqualTo(2);
        assertThat(json(run).path("error").asString()).endsWith("did you mean gumbel-softmax?");
        assertThat(CommandRun.of("systems", "verify", "gumbel").err()).contains("did you mean gumbel-softmax");
    }

    @Test
    void whatIsNotBegunCannotBeVerified() {
        CommandRun run = CommandRun.of("systems", "verify", "chef");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("chef is not implemented yet");
    }

    @Test
    void quickModeKeepsNothing() {
        CommandRun run = CommandRun.of("systems", "verify", "weighted-coin", "--out", folder.resolve("x"));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("--seeds, --out and --restart need --full");
    }

    @Test
    void quickModeHoldsNothing() {
        JsonNode result = json(CommandRun.of("systems", "verify", "weighted-coin", "--json"))
                .path("results")
                .get(0);
        assertThat(result.path("held").isNull()).isTrue();
        assertThat(result.path("identities").get(0).path("held").asBoolean()).isTrue();
        assertThat(result.path("comparisons").get(0).path("interval").isNull()).isTrue();
    }

    @Test
    void figuresComeWithUnitDirectionAndSeeds() {
        String shown = CommandRun.of("systems", "show", "gumbel-softmax").out();
        assertThat(shown)
                .containsPattern("testBound +lower +negative evidence lower bound of test items, in nats")
                .containsPattern("accuracy +- +share of right answers on test items, from 0 to 1")
                .containsPattern("growthTo10 +higher +natural logarithm")
                .contains("mean ± standard deviation over 5 seeds (1000, 1001, 1002, 1003, 1004)")
                .contains("above 0 is better");
    }

    @Test
    void theQuickCheckSaysFirstThatItJudgesNothing() {
        String said =
                CommandRun.of("systems", "verify", "weighted-coin", "--seed", 7).out();
        assertThat(said.lines().toList().get(1)).startsWith("Quick check: ").contains("It judges nothing");
        assertThat(said)
                .containsPattern("right +higher +share of right guesses, from 0 to 1")
                .contains("Measured once, on seed 7.")
                .doesNotContain("verdict", "above 0 is better");
        JsonNode figure = json(CommandRun.of("systems", "verify", "weighted-coin", "--json"))
                .path("results")
                .get(0)
                .path("figures")
                .get(0);
        assertThat(figure.path("meaning").asString()).isEqualTo("share of right guesses, from 0 to 1");
        assertThat(figure.path("better").asString()).isEqualTo("higher");
    }

    @Test
    void fullModeJudgesAndIsTheSameWhenItGoesOn() {
        Object[] command = {
            "systems", "verify", "weighted-coin", "--full", "--seeds", 4, "--seed", 5000, "--out", folder, "--json"
        };
        CommandRun run = CommandRun.of(command);
        assertThat(run.status()).isZero();
        JsonNode result = json(run).path("results").get(0);
        assertThat(result.path("id").asString()).isEqualTo("weighted-coin");
        assertThat(result.path("row").asInt()).isEqualTo(900);
        assertThat(result.path("held").asBoolean()).isTrue();
        assertThat(result.path("claim").asString()).isEqualTo("guesses better than chance");
        assertThat(result.path("seeds").size()).isEqualTo(4);
        assertThat(result.path("seeds").get(0).asInt()).isEqualTo(5000);
        JsonNode comparison = result.path("comparisons").get(0);
        assertThat(comparison.path("verdict").asString()).isEqualTo("better");
        assertThat(comparison.path("interval").get(0).asDouble()).isPositive();
        assertThat(comparison.path("margin").asDouble()).isZero();
        assertThat(result.path("sabotages").get(0).path("failed").asBoolean()).isTrue();
        assertThat(json(CommandRun.of(command)).path("results").get(0)).isEqualTo(result);
    }
}
