package dev.lapidary.hinge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.bottleneck.BottleneckMethod;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.bottleneck.ToyWorld;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A method that these tests alone know is found, trained, compared with all baselines and saved like any other. */
class HingeBottleneckTest {
    private static final ConceptConfig HINGE =
            ConceptConfig.defaults().withMethod(Method.of("hinge")).withNec(3).withSeeds(1, 5);

    @TempDir
    private Path folder;

    @Test
    void isTrainedComparedAndSaved() throws IOException {
        ToyWorld world = ToyWorld.draw(0.45, 40, 40, 40, 40);
        try (Dataset data = world.data();
                EmbeddingMatrix items = world.matrix(world.texts())) {
            ConceptClassifier classifier = ConceptTraining.of(data, world.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .config(HINGE)
                    .run();
            Report report = classifier.report();
            assertThat(report.method()).isEqualTo("hinge");
            assertThat(report.nec()).isBetween(1.0, 3.0);
            assertThat(report.accuracy()).isGreaterThan(0.75); // chance: 0.25
            assertThat(report.baselines())
                    .containsOnlyKeys("zero-shot", "linear-probe", "random-words", "random-directions");

            classifier.save(folder.resolve("model"));
            ConceptClassifier read = ConceptClassifier.read(folder.resolve("model"));
            assertThat(read.identity().config().method()).isEqualTo(Method.of("hinge"));
            assertThat(read.scorer().logits(items, null))
                    .isDeepEqualTo(classifier.scorer().logits(items, null));
            assertThat(Files.readString(folder.resolve("model/lapidary.json"))).contains("\"method\" : \"HINGE\"");
        }
    }

    @Test
    void aMistypedNameOrAFormThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> BottleneckMethod.of(Method.of("hinges")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("method must be one of contrastive, cubed, gates, hinge, ")
                .hasMessageEndingWith("; got hinges; did you mean hinge?");
        assertThatThrownBy(() -> BottleneckMethod.of(HINGE.withFaithful(true)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("method hinge has no published form to be faithful to");
        assertThatThrownBy(() -> Method.of("Hinge Loss"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a name in small letters such as sparse; got Hinge Loss");
    }
}
