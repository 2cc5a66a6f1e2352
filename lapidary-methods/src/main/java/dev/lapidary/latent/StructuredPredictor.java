package dev.lapidary.latent;

import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Linear;
import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A stochastic network that predicts pixels from other pixels through layers of categorical variables, each drawn given the one before:
 * input, {@code layers} times (variables · classes), target, all joined linearly.
 *
 * <p>Trained by the expected loss of one draw; judged by −ln of the mean likelihood of many draws, which is above −ln p(target) in the mean
 * and approaches it.
 *
 * @param inputs pixels to predict from
 * @param targets pixels to predict
 * @param layers stochastic ones, at least 1
 * @param variables of each layer
 * @param classes of each variable
 * @see <a href="https://arxiv.org/abs/1406.2989">Raiko et al., Techniques for learning binary stochastic feedforward neural networks, ICLR
 *     2015, for the task</a>
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax, ICLR 2017,
 *     section 4.1</a>
 */
public record StructuredPredictor(int inputs, int targets, int layers, int variables, int classes)
        implements LatentModel {
    /** Checks the number of layers. */
    public StructuredPredictor {
        if (layers < 1) {
            throw new IllegalArgumentException("layers must be at least 1; got " + layers);
        }
    }

    private List<Linear> net() {
        int width = variables * classes;
        List<Linear> net = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            net.add(Linear.of("layer." + layer, layer == 0 ? inputs : width, width));
        }
        net.add(Linear.of("output", width, targets));
        return net;
    }

    @Override
    public List<Parameter> parameters() {
        return net().stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Objective objective(Forward forward, Tensor input, Tensor target) {
        List<Linear> net = net();
        return new Objective(
                choices -> {
                    Tensor x = input;
                    for (Linear layer : net.subList(0, layers)) {
                        Tensor logits = layer.apply(forward, x).unflatten(-1, variables, classes); // [.., variables, classes]
                        x = choices.choose(logits).flatten(-2, -1); // [.., variables·classes]
                    }
                    return BinaryPixels.loss(net.getLast().apply(forward, x), target);
                },
                torch.zeros(input.size(0)));
    }

    @Override
    public Tensor bound(Tensor losses, Tensor penalty) {
        try (var scope = TorchScope.open()) {
            Tensor likelihood = losses.neg().logsumexp(new long[] {0}, false); // [rows]
            double draws = losses.size(0);
            return scope.keep(likelihood.neg().add(new Scalar(Math.log(draws))).add(penalty));
        }
    }
}
