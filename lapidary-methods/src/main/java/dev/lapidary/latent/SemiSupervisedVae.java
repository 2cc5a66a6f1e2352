package dev.lapidary.latent;

import dev.lapidary.estimator.Choices;
import dev.lapidary.estimator.Estimate;
import dev.lapidary.estimator.GradientEstimator;
import dev.lapidary.estimator.Pass;
import dev.lapidary.nn.Activation;
import dev.lapidary.nn.Forward;
import dev.lapidary.nn.Mlp;
import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A classifier that also learns from images without labels: a generative model of image x with class y and normal style s, whose class is a
 * latent variable where it is not known.
 *
 * <pre>
 * loss(x, y) = E[−ln p(x | y, s)] + KL(q(s | x, y) ‖ N(0, 1)) + ln classes,   s ~ q
 * labelled:    loss(x, y) − weight·ln q(y | x)
 * unlabelled:  E over y ~ q(y | x) of loss(x, y), + Σ q(y | x)·ln q(y | x)
 * </pre>
 *
 * <p>The expectation over y is the estimator's: enumeration marginalises, at the cost of one run of the model for each class; one sample
 * costs one run.
 *
 * @param pixels of an image
 * @param hidden width of the hidden layers, tanh
 * @param classes at least 2
 * @param style width of s
 * @param weight of the classifier's own loss
 * @see <a href="https://arxiv.org/abs/1406.5298">Kingma et al., Semi-supervised learning with deep generative models, NeurIPS 2014, model
 *     M2</a>
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax, ICLR 2017,
 *     section 4.3</a>
 */
public record SemiSupervisedVae(int pixels, int hidden, int classes, int style, double weight) {
    private Mlp classifier() {
        return Mlp.of("classifier", List.of(pixels, hidden, classes), Activation.TANH);
    }

    private Mlp encoder() {
        return Mlp.of("encoder", List.of(pixels + classes, hidden, 2 * style), Activation.TANH);
    }

    private Mlp decoder() {
        return Mlp.of("decoder", List.of(classes + style, hidden, pixels), Activation.TANH);
    }

    /** Returns the model's parameters. */
    public List<Parameter> parameters() {
        return Stream.of(classifier(), encoder(), decoder())
                .flatMap(net -> net.parameters().stream())
                .toList();
    }

    /** Returns the classifier's logits [rows, classes] of images [rows, pixels]. */
    public Tensor classify(Forward forward, Tensor images) {
        return classifier().apply(forward, images);
    }

    /**
     * Returns a scalar whose gradient estimates that of the mean loss of images without labels.
     *
     * @param images [rows, pixels]
     * @param normal standard normal noise [rows, style]
     */
    public Tensor unlabelled(GradientEstimator estimator, Pass pass, Tensor images, Tensor normal) {
        try (var scope = TorchScope.open()) {
            Tensor logits = classify(pass.forward(), images);
            Estimate estimate = estimator.estimate(
                    choices -> loss(pass.forward(), images, choose(choices, logits), normal), pass);
            Tensor log = logits.log_softmax(-1);
            Tensor negativeEntropy = log.exp().mul(log).sum(new long[] {-1}, false, new ScalarTypeOptional());
            return scope.keep(estimate.surrogate().add(negativeEntropy.mean()));
        }
    }

    private static Tensor choose(Choices choices, Tensor logits) {
        return choices.choose(logits.unsqueeze(-2)).squeeze(-2); // [.., rows, classes]
    }

    /**
     * Returns the mean loss of images with labels, a scalar.
     *
     * @param oneHot their classes [rows, classes]
     * @param normal standard normal noise [rows, style]
     */
    public Tensor labelled(Forward forward, Tensor images, Tensor oneHot, Tensor normal) {
        try (var scope = TorchScope.open()) {
            Tensor right = classify(forward, images).log_softmax(-1).mul(oneHot);
            Tensor discriminative = right.sum(new long[] {-1}, false, new ScalarTypeOptional());
            return scope.keep(loss(forward, images, oneHot, normal)
                    .sub(discriminative.mul(new Scalar(weight)))
                    .mean());
        }
    }

    /** The loss [.., rows] of images under classes [.., rows, classes]. */
    private Tensor loss(Forward forward, Tensor images, Tensor classOf, Tensor normal) {
        Tensor seen = expanded(images, classOf);
        Tensor posterior = encoder().apply(forward, torch.cat(new TensorVector(seen, classOf), -1));
        Tensor mean = posterior.narrow(-1, 0, style);
        Tensor logDeviation = posterior.narrow(-1, style, style);
        Tensor deviation = logDeviation.exp();
        Tensor drawn = mean.add(deviation.mul(normal));
        Tensor logits = decoder().apply(forward, torch.cat(new TensorVector(classOf, drawn), -1));
        Tensor divergence = mean.square()
                .add(deviation.square())
                .sub(logDeviation.mul(new Scalar(2.0)))
                .sub(new Scalar(1.0))
                .sum(new long[] {-1}, false, new ScalarTypeOptional())
                .mul(new Scalar(0.5));
        return BinaryPixels.loss(logits, images).add(divergence).add(new Scalar(Math.log(classes)));
    }

    /** Images [rows, pixels] with the leading axes of classes. */
    private static Tensor expanded(Tensor images, Tensor classOf) {
        long[] shape = Tensors.shape(classOf);
        shape[shape.length - 1] = images.size(-1);
        return images.expand(shape);
    }
}
