package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Method;
import dev.lapidary.concept.explain.Explainer;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Predicts and explains with saved classifiers in a JVM that has lapidary-explain, and neither PyTorch nor training. */
class WithoutPyTorchTest {
    private static final Pattern LEFT_OUT =
            Pattern.compile(".*(org.bytedeco|lapidary-(core|methods)(\\.jar$|.target.classes$)).*");
    private static final int SHOWN = 12;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sparse", "gates"})
    void aSavedClassifierDecidesAndExplainsToTheBit(String method) throws IOException, InterruptedException {
        assertThat(inOwnJvm(trained(method))).isEqualTo(Reader.lines(folder.toString()));
    }

    @Test
    void aSavedSearchDecidesAlikeAndItsScoresDifferByRoundingOnly() throws IOException, InterruptedException {
        List<String> found = inOwnJvm(trained("search"));
        List<String> expected = Reader.lines(folder.toString());

        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < SHOWN; i++) {
            double[] logits = logits(found.get(i));
            double[] ofPyTorch = logits(expected.get(i));
            assertThat(logits).containsExactly(ofPyTorch, within(1e-5));
            assertThat(ClassScorer.largest(logits)).isEqualTo(ClassScorer.largest(ofPyTorch));
        }
    }

    private static double[] logits(String line) {
        return Arrays.stream(line.replaceAll("[\\[\\] ]", "").split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Trains and saves a classifier, and items beside it. */
    private Path trained(String method) throws IOException {
        ToyWorld world = ToyWorld.draw(0.45, 20, 20, 20, 20);
        try (Dataset data = world.data()) {
            ConceptTraining.of(data, world.encoder())
                    .concepts(ToyWorld.conceptFile(folder))
                    .config(ConceptConfig.defaults()
                            .withMethod(Method.of(method))
                            .withNec(2)
                            .withSeeds(1, 3))
                    .run()
                    .save(folder.resolve("model"));
        }
        float[] items = new float[world.texts().size() * ToyWorld.WIDTH];
        for (int i = 0; i < world.texts().size(); i++) {
            System.arraycopy(world.vector(world.texts().get(i)), 0, items, i * ToyWorld.WIDTH, ToyWorld.WIDTH);
        }
        SafetensorsWriter.write(
                folder.resolve("items.safetensors"),
                List.of(TensorView.of("items", items, world.texts().size(), ToyWorld.WIDTH)),
                Map.of());
        return folder;
    }

    private static List<String> inOwnJvm(Path folder) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors.txt");
        Process process = OwnJvm.of(Reader.class, folder)
                .flags("--add-modules=jdk.incubator.vector")
                .without(LEFT_OUT.asMatchPredicate(), 7)
                .builder()
                .redirectError(errors.toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("errors are in %s", errors).isZero();
        return out.lines().toList();
    }

    /** What the JVM without PyTorch runs. */
    static final class Reader {
        private Reader() {}

        public static void main(String[] arguments) throws IOException {
            for (String name : List.of("org.bytedeco.pytorch.Tensor", "dev.lapidary.torch.Torch")) {
                if (Reader.class.getResource("/" + name.replace('.', '/') + ".class") != null) {
                    throw new IllegalStateException("the class path must be without " + name);
                }
            }
            lines(arguments[0]).forEach(System.out::println);
        }

        /** Logits of the first items, then an explanation of each, then prediction sets. */
        static List<String> lines(String folder) throws IOException {
            ConceptClassifier classifier =
                    ConceptClassifier.read(Path.of(folder).resolve("model"));
            List<String> lines = new ArrayList<>();
            try (TensorFile file = TensorFile.open(Path.of(folder).resolve("items.safetensors"))) {
                TensorView stored = file.tensor("items");
                int rows = Math.toIntExact(stored.shape().get(0));
                int width = Math.toIntExact(stored.shape().get(1));
                try (EmbeddingMatrix items = EmbeddingMatrix.of(stored.data(), rows, width, null)) {
                    double[][] logits = classifier.scorer().logits(items, null);
                    for (int i = 0; i < SHOWN; i++) {
                        lines.add(Arrays.toString(logits[7 * i % rows]));
                    }
                    Explainer explainer = Explainer.of(classifier);
                    for (int i = 0; i < SHOWN; i++) {
                        lines.addAll(explainer
                                .explain(items.row(7 * i % rows))
                                .text()
                                .lines()
                                .toList());
                    }
                    lines.add("set "
                            + classifier.calibration().map(calibration -> calibration.predictionSet(logits[0], 0.1)));
                }
            }
            return lines;
        }
    }
}
