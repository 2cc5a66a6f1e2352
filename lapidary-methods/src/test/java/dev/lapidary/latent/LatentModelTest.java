package dev.lapidary.latent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.estimator.AnnealedTemperature;
import dev.lapidary.estimator.ExactEnumeration;
import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.Pass;
import dev.lapidary.estimator.Program;
import dev.lapidary.estimator.RelaxedEstimator;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.latent.LatentTraining.Budget;
import dev.lapidary.latent.LatentTraining.Items;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Parameter;
import dev.lapidary.nn.Parameters;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LatentModelTest {
    private final TorchScope scope = TorchScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void divergenceIsTheSumOverClasses() {
        CategoricalVae vae = new CategoricalVae(4, 3, 2, 3);
        double[] prior = {0.2, -0.5, 1, 0, 0.3, -0.1};
        double[] logits = {1, 0, -1, 0.4, 0.4, 2};
        Parameters parameters = Parameters.of(Map.of("prior", Tensors.of(prior, 2, 3)));
        try (parameters) {
            double[] found =
                    Tensors.toDoubles(vae.divergence(Forward.evaluating(parameters), Tensors.of(logits, 1, 2, 3)));
            double expected = 0;
            for (int variable = 0; variable < 2; variable++) {
                double[] q = softmax(logits, 3 * variable);
                double[] p = softmax(prior, 3 * variable);
                for (int k = 0; k < 3; k++) {
                    expected += q[k] * Math.log(q[k] / p[k]);
                }
            }
            assertThat(found).containsExactly(new double[] {expected}, within(1e-12));
        }
    }

    private static double[] softmax(double[] logits, int from) {
        double[] p = new double[3];
        double sum = 0;
        for (int k = 0; k < 3; k++) {
            p[k] = Math.exp(logits[from + k]);
            sum += p[k];
        }
        for (int k = 0; k < 3; k++) {
            p[k] /= sum;
        }
        return p;
    }

    @Test
    void boundsAreMeansOfLossesAndOfLikelihoods() {
        Tensor losses = Tensors.of(new double[] {1, 2, 3, 5}, 2, 2); // [samples, rows]
        Tensor penalty = Tensors.of(new double[] {0.5, 0}, 2);
        assertThat(Tensors.toDoubles(new CategoricalVae(4, 3, 2, 3).bound(losses, penalty)))
                .containsExactly(new double[] {2.5, 3.5}, within(1e-12));
        double[] likelihoods = {
            -Math.log((Math.exp(-1) + Math.exp(-3)) / 2) + 0.5, -Math.log((Math.exp(-2) + Math.exp(-5)) / 2)
        };
        assertThat(Tensors.toDoubles(new StructuredPredictor(2, 2, 1, 2, 3).bound(losses, penalty)))
                .containsExactly(likelihoods, within(1e-12));
    }

    /** Enumerated over both layers, −ln of the expected likelihood is below the expected loss, and many draws come close to it. */
    @Test
    void manyDrawsApproachTheLikelihoodOfEveryConfiguration() {
        StructuredPredictor model = new StructuredPredictor(3, 2, 2, 2, 2);
        try (Parameters parameters = Parameters.draw(model.parameters(), 5, DType.F64)) {
            Forward forward = Forward.evaluating(parameters);
            Tensor input = Tensors.of(new double[] {1, 0, 1}, 1, 3);
            Tensor target = Tensors.of(new double[] {1, 0}, 1, 2);
            Program program = model.objective(forward, input, target).program();
            Program likelihood = choices -> program.loss(choices).neg().exp();
            Pass pass = new Pass(forward, new CounterNoise(1, 1), 0, input);
            double exact = -Math.log(
                    ExactEnumeration.standard().estimate(likelihood, pass).losses().item_double());
            LatentTraining training = new LatentTraining(
                    model, ExactEnumeration.standard(), UnaryOperator.identity(), new Budget(1, 1), 0.01);
            Items items = new Items(new float[][] {{1, 0, 1}}, new float[][] {{1, 0}});
            try (Parameters single = Parameters.draw(model.parameters(), 5)) {
                double sampled = training.bound(single, items, 20_000, 3);
                assertThat(sampled).isCloseTo(exact, within(0.01)); // standard error below 0.002: likelihoods within a factor of 2
            }
        }
    }

    /** The unlabelled loss, marginalised, is the labelled losses weighed by the classifier, plus its negative entropy. */
    @Test
    void marginalisingAddsUpTheLossesOfEveryClass() {
        SemiSupervisedVae model = new SemiSupervisedVae(4, 3, 3, 2, 0);
        try (Parameters parameters = Parameters.draw(model.parameters(), 2, DType.F64)) {
            Forward forward = Forward.evaluating(parameters);
            Tensor image = Tensors.of(new double[] {1, 0, 0, 1}, 1, 4);
            Tensor normal = Tensors.of(new double[] {0.3, -1.2}, 1, 2);
            Pass pass = new Pass(forward, new CounterNoise(1, 1), 0, image);
            double found = model.unlabelled(ExactEnumeration.standard(), pass, image, normal)
                    .item_double();
            double[] q = softmax(Tensors.toDoubles(model.classify(forward, image)), 0);
            double expected = 0;
            for (int k = 0; k < 3; k++) {
                double[] oneHot = new double[3];
                oneHot[k] = 1;
                double loss = model.labelled(forward, image, Tensors.of(oneHot, 1, 3), normal)
                        .item_double();
                expected += q[k] * (loss + Math.log(q[k]));
            }
            assertThat(found).isCloseTo(expected, within(1e-10));
        }
    }

    /** Images of two kinds, so that one choice between two classes explains each pixel. */
    private static Items twoKinds(int count) {
        Random random = new Random(1);
        float[][] images = new float[count][8];
        for (float[] image : images) {
            boolean left = random.nextBoolean();
            for (int i = 0; i < 8; i++) {
                image[i] = (i < 4) == left ? 1 : 0;
            }
        }
        return new Items(images, images);
    }

    @Test
    void trainingFindsTheTwoKindsAndRepeatsItselfButNotWithoutGradientOrChoice() {
        Items items = twoKinds(200);
        GradientEstimator soft = RelaxedEstimator.soft(AnnealedTemperature.constant(0.7));
        double[] first = trained(items, soft, UnaryOperator.identity());
        assertThat(trained(items, soft, UnaryOperator.identity())).isEqualTo(first);
        assertThat(first[0]).isLessThan(1.2); // ln 2 is the entropy of the two kinds, 8·ln 2 = 5.5 that of pixels by themselves
        assertThat(trained(items, soft, Tampering::uniform)[0]).isGreaterThan(4);
    }

    private static double[] trained(Items items, GradientEstimator estimator, UnaryOperator<Program> change) {
        LatentTraining training =
                new LatentTraining(new CategoricalVae(8, 8, 1, 2), estimator, change, new Budget(250, 32), 0.02);
        try (Parameters parameters = training.train(items, 4)) {
            return new double[] {training.bound(parameters, items, 4, 9)};
        }
    }

    @Test
    void withoutAGradientThroughChoicesLogitsGetNone() {
        try (Parameters own = Parameters.draw(List.of(Parameter.of("a", (noise, shape) -> Tensors.of(new float[4], shape), 1, 2, 2)), 1)) {
            Tensor logits = own.get("a");
            Program program = choices -> choices.choose(logits).select(-1, 0).sum(new long[] {-1}, false, new ScalarTypeOptional()).add(logits.sum());
            Pass pass = new Pass(Forward.evaluating(own), new CounterNoise(1, 1), 0, logits);
            ExactEnumeration.standard().estimate(Tampering.cut(program), pass).surrogate().backward();
            assertThat(Tensors.toDoubles(logits.grad())).containsOnly(1);
        }
    }
}
