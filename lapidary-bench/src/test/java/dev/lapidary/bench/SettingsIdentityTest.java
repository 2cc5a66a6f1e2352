package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.contrast.AdapterSettings;
import dev.lapidary.contrast.ContrastiveSettings;
import dev.lapidary.contrast.ImageTraining;
import dev.lapidary.language.LanguageTrainingSettings;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.torch.Products;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The texts of identities, which files and unfinished trainings of earlier versions carry. */
class SettingsIdentityTest {
    private static final ImageTraining IMAGES = ImageTraining.defaults().withProducts(Products.F32);

    @Test
    void ofALanguageModel() {
        var settings = LanguageTrainingSettings.defaults().withSteps(1600).withProducts(Products.F32);

        assertThat(settings.plan(10).identity())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("steps", "1600"),
                        Map.entry("seed", "0"),
                        Map.entry("validateEvery", "80"),
                        Map.entry("metricsEvery", "1"),
                        Map.entry("earlyStopping", settings.plan(10).earlyStopping().orElseThrow().toString()),
                        Map.entry("settings.batch", "4"),
                        Map.entry("settings.learningRate", "0.002"),
                        Map.entry("settings.warmUp", "0.05"),
                        Map.entry("settings.weightDecay", "0.1"),
                        Map.entry("settings.maxNorm", "1.0"),
                        Map.entry("settings.products", "F32")));
    }

    @Test
    void ofEncoders() {
        var settings = ContrastiveSettings.defaults().withTraining(IMAGES);

        assertThat(settings.plan(1000).identity())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("steps", "160"),
                        Map.entry("seed", "0"),
                        Map.entry("validateEvery", "8"),
                        Map.entry("metricsEvery", "1"),
                        Map.entry("earlyStopping", "none"),
                        Map.entry(
                                "settings.network",
                                "NetworkShape[side=32, channels=32, blocks=1, embedding=128]"),
                        Map.entry("settings.batch", "128 in pieces of 64"),
                        Map.entry("settings.learningRate", "0.004"),
                        Map.entry("settings.weightDecay", "0.1"),
                        Map.entry("settings.mirror", "false"),
                        Map.entry("settings.heldOut", "0.1"),
                        Map.entry("settings.products", "F32")));
    }

    /** Once without the weight decay, so that a checkpoint of another one was gone on from. */
    @Test
    void ofAdaptersHasTheWeightDecay() {
        AdapterSettings settings = AdapterSettings.defaults();
        AdapterSettings other = settings.withTraining(settings.training().withWeightDecay(0.1));

        assertThat(settings.plan(1000).identity())
                .containsEntry("settings.weightDecay", "0.0")
                .containsEntry("settings.adapters", "all")
                .containsEntry("settings.rank", "8")
                .containsEntry("settings.alpha", "8.0")
                .containsEntry("settings.batch", "128 in pieces of 64");
        assertThat(other.plan(1000).digest()).isNotEqualTo(settings.plan(1000).digest());
    }

    @Test
    void ofMasks() {
        var settings = MaskLearningSettings.defaults()
                .withProducts(Products.F32)
                .withDense(new LinkedHashSet<>(List.of("b", "a")));
        Map<String, String> texts = Map.ofEntries(
                Map.entry("pattern", "2:4"),
                Map.entry("batch", "16"),
                Map.entry("context", "0"),
                Map.entry("microbatch", "0"),
                Map.entry("gateRate", "0.002,2.0E-4"),
                Map.entry("kappa", "100.0,500.0"),
                Map.entry("tau", "4.0,0.05"),
                Map.entry("alpha", "3.0"),
                Map.entry("lambda", "1.0E-5"),
                Map.entry("hard", "false"),
                Map.entry("state", "F32"),
                Map.entry("products", "F32"),
                Map.entry(
                        "optimiser", "GateOptimiser[beta1=0.9, beta2=0.95, epsilon=1.0E-8, weightDecay=0.1, clip=1.0]"),
                Map.entry("dense", "b a"));

        assertThat(Components.planned(settings)).containsExactlyInAnyOrderEntriesOf(texts);
        assertThat(settings.plan(10).settings()).containsExactlyInAnyOrderEntriesOf(texts);
        assertThat(settings.plan(10).identity())
                .containsEntry("steps", "300")
                .containsEntry("validateEvery", "30")
                .hasSize(texts.size() + 5);
    }
}
