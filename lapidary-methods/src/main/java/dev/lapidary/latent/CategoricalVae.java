package dev.lapidary.latent;

import dev.lapidary.nn.Activation;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Initialiser;
import dev.lapidary.nn.Mlp;
import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * A variational autoencoder with independent categorical latent variables and a learned categorical prior:
 *
 * <pre>
 * −ln p(x) ≤ E[−ln p(x | z)] + KL(q(z | x) ‖ p(z)),   z ~ q
 * </pre>
 *
 * <p>The divergence is exact and does not depend on samples, whatever the estimator; with relaxed samples the objective is no bound, as in
 * the paper. Target and input are the same image. The encoder has a hidden layer, which the paper's has not.
 *
 * @param pixels of an image
 * @param hidden width of the hidden layer of encoder and decoder, tanh
 * @param variables latent ones
 * @param classes of each
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax, ICLR 2017,
 *     section 4.2</a>
 */
public record CategoricalVae(int pixels, int hidden, int variables, int classes) implements LatentModel {
    private static final String PRIOR = "prior";

    private Mlp encoder() {
        return Mlp.of("encoder", List.of(pixels, hidden, variables * classes), Activation.TANH);
    }

    private Mlp decoder() {
        return Mlp.of("decoder", List.of(variables * classes, hidden, pixels), Activation.TANH);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(
                        encoder().parameters(),
                        decoder().parameters(),
                        List.of(Parameter.of(PRIOR, Initialiser.constant(0), variables, classes)))
                .flatMap(List::stream)
                .toList();
    }

    /** Returns the logits of the latent variables [rows, variables, classes]. */
    public Tensor encode(Forward forward, Tensor input) {
        return encoder().apply(forward, input).unflatten(-1, variables, classes);
    }

    /** Returns KL(q ‖ prior) [rows] of logits, in nats. */
    public Tensor divergence(Forward forward, Tensor logits) {
        try (var scope = TorchScope.open()) {
            Tensor log = logits.log_softmax(-1);
            Tensor ratio = log.sub(forward.parameter(PRIOR).log_softmax(-1));
            return scope.keep(log.exp().mul(ratio).sum(new long[] {-2, -1}, false, new ScalarTypeOptional()));
        }
    }

    @Override
    public Objective objective(Forward forward, Tensor input, Tensor target) {
        Tensor logits = encode(forward, input);
        return new Objective(
                choices -> BinaryPixels.loss(
                        decoder().apply(forward, choices.choose(logits).flatten(-2, -1)), target),
                divergence(forward, logits));
    }

    @Override
    public Tensor bound(Tensor losses, Tensor penalty) {
        try (var scope = TorchScope.open()) {
            return scope.keep(losses.mean(0).add(penalty));
        }
    }
}
