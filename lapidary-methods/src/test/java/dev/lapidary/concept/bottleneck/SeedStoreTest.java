package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.classifier.StoredTensors;
import dev.lapidary.data.Dataset;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedStoreTest {
    private static final ToyWorld WORLD = ToyWorld.draw(0.45, 20, 20, 20, 20);
    private static final ConceptConfig CONFIG =
            ConceptConfig.defaults().withNec(3).withSeeds(2, 0).withMethod(Method.of("l1"));
    private static final int FITS_PER_SEED = 3; // the method and its two random controls

    @TempDir
    Path folder;

    private Path unfinished;
    private int fits;

    @BeforeEach
    void place() {
        unfinished = folder.resolve("unfinished");
    }

    private ConceptTraining training(Dataset data, ConceptConfig config) throws IOException {
        return ConceptTraining.of(data, WORLD.encoder())
                .concepts(ToyWorld.conceptFile(folder))
                .config(config)
                .progress(progress(() -> {}));
    }

    /** Counts fits and calls back after every finished seed. */
    private Progress progress(Runnable afterSeed) {
        return (name, total) -> {
            fits += name.startsWith("joint training") ? 1 : 0;
            return new Progress.Task() {
                @Override
                public void advance(long steps) {
                    if (name.equals("seeds")) {
                        afterSeed.run();
                    }
                }

                @Override
                public void close() {}
            };
        };
    }

    private ConceptClassifier run(ConceptTraining training) {
        fits = 0;
        return training.resumable(unfinished).run();
    }

    private Path interrupt(ConceptTraining training) {
        Cancellation cancellation = new Cancellation();
        assertThatThrownBy(() -> training.resumable(unfinished)
                        .cancellation(cancellation)
                        .progress(progress(cancellation::cancel))
                        .run())
                .isInstanceOf(CancellationException.class);
        Path kept = unfinished.resolve("seed-0.safetensors");
        assertThat(unfinished).isDirectoryContaining(kept::equals);
        return kept;
    }

    private void assertSame(ConceptClassifier resumed, ConceptClassifier through) {
        assertThat(ToyWorld.timeless(resumed.report())).isEqualTo(ToyWorld.timeless(through.report()));
        resumed.save(folder.resolve("resumed"));
        through.save(folder.resolve("through"));
        for (String file : List.of("model.safetensors", "splits.json", "ledger.json", "nec-curve.svg")) {
            assertThat(folder.resolve("resumed").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("through").resolve(file));
        }
    }

    @Test
    void anInterruptedTrainingEndsAsOneThatRanThroughWhateverBefellItsFiles() throws IOException {
        try (Dataset data = WORLD.data()) {
            ConceptClassifier through = training(data, CONFIG).run();
            Path kept = interrupt(training(data, CONFIG));
            byte[] sound = Files.readAllBytes(kept);

            ConceptClassifier resumed = run(training(data, CONFIG));
            assertThat(fits).isEqualTo(FITS_PER_SEED);
            assertSame(resumed, through);
            assertThat(unfinished).doesNotExist();

            byte[] flipped = sound.clone();
            flipped[flipped.length - 100] ^= 0x10; // a weight
            for (byte[] damaged : List.of(flipped, Arrays.copyOf(sound, sound.length / 2))) {
                Files.createDirectories(unfinished);
                Files.write(kept, damaged);
                ConceptClassifier again = run(training(data, CONFIG));
                assertThat(fits).isEqualTo(2 * FITS_PER_SEED);
                assertSame(again, through);
            }
        }
    }

    @Test
    void moreSeedsGoOnFromFewer() throws IOException {
        try (Dataset data = WORLD.data()) {
            ConceptConfig more = CONFIG.withSeeds(3, 0);
            ConceptClassifier through = training(data, more).run();
            interrupt(training(data, CONFIG));

            ConceptClassifier resumed = run(training(data, more));

            assertThat(fits).isEqualTo(2 * FITS_PER_SEED);
            assertSame(resumed, through);
        }
    }

    @Test
    void anotherFirstSeedReservesOtherItemsAndReusesNothing() throws IOException {
        try (Dataset data = WORLD.data()) {
            interrupt(training(data, CONFIG));
            Files.copy(unfinished.resolve("seed-0.safetensors"), unfinished.resolve("seed-1.safetensors"));
            run(training(data, CONFIG.withSeeds(1, 1)));
            assertThat(fits).isEqualTo(FITS_PER_SEED);
        }
    }

    @Test
    void otherSettingsOrOtherDataReuseNothing() throws IOException {
        try (Dataset data = WORLD.data()) {
            interrupt(training(data, CONFIG));
            run(training(data, CONFIG.withNec(2)));
            assertThat(fits).isEqualTo(2 * FITS_PER_SEED);
            interrupt(training(data, CONFIG));
        }
        try (Dataset other = ToyWorld.draw(0.45, 20, 20, 20, 19).data()) {
            run(training(other, CONFIG));
            assertThat(fits).isEqualTo(2 * FITS_PER_SEED);
        }
    }

    @Test
    void otherConceptVectorsUnderTheSameNamesReuseNothing() throws IOException {
        try (Dataset data = WORLD.embedded()) {
            interrupt(embedded(data, ToyWorld.CONCEPTS));
            List<String> turned = new ArrayList<>(ToyWorld.CONCEPTS);
            Collections.rotate(turned, 1);
            ConceptClassifier through = embedded(data, turned).run();
            assertSame(run(embedded(data, turned)), through);
        }
    }

    /** Concepts of the usual names with the vectors of others. */
    private ConceptTraining embedded(Dataset data, List<String> vectorsOf) throws IOException {
        float[][] rows = vectorsOf.stream().map(WORLD::vector).toArray(float[][]::new);
        Path file = folder.resolve("concepts.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(StoredTensors.of("embeddings", rows, ToyWorld.WIDTH)),
                Map.of("names", "[\"" + String.join("\",\"", ToyWorld.CONCEPTS) + "\"]"));
        return ConceptTraining.ofEmbeddings(data).concepts(file).config(CONFIG).progress(progress(() -> {}));
    }
}
