package dev.lapidary.estimator;

import dev.lapidary.nn.Initialiser;
import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A score function whose control variate is the relaxed loss, so that it is unbiased and nearly as smooth as Gumbel-Softmax: for each
 * choice b with logits θ, z = ln softmax(θ) + g, and z̃ drawn given b,
 *
 * <pre>
 * (f(b) − η·c(z̃))·∇ ln p(b) + η·∇c(z) − η·∇c(z̃),   c(z) = f(softmax(z/λ))
 * </pre>
 *
 * <p>The noise of z̃ is chosen so that z̃ = z in value; the two differ in how they move with θ. So one relaxed run of the program for each
 * choice is enough, with earlier choices at their one-hot values and later ones relaxed too. η is learned, one of each choice, by the
 * gradient of the mean of ‖estimate‖² in the logits; the paper takes the variance in all weights and learns λ as well, which is a setting
 * here.
 *
 * @param choices how many choices the program makes, at least 1
 * @param temperature λ, above 0
 * @param weight at which η begins
 * @see <a href="https://arxiv.org/abs/1703.07370">Tucker et al., REBAR, NeurIPS 2017</a>
 * @see <a href="https://arxiv.org/abs/1711.00123">Grathwohl et al., Backpropagation through the void, ICLR 2018, for the categorical z̃</a>
 */
public record Rebar(int choices, double temperature, double weight) implements GradientEstimator {
    /** Checks the ranges. */
    public Rebar {
        if (choices < 1 || !(temperature > 0 && Double.isFinite(temperature + weight))) {
            throw new IllegalArgumentException("there must be a choice, a temperature above 0 and a finite weight; got "
                    + choices + ", " + temperature + " and " + weight);
        }
    }

    /** Returns an estimator whose weight begins at 1. */
    public static Rebar of(int choices, double temperature) {
        return new Rebar(choices, temperature, 1);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        for (int place = 0; place < choices; place++) {
            parameters.add(Parameter.of(weightName(place), Initialiser.constant(weight), 1));
        }
        return parameters;
    }

    private static String weightName(int place) {
        return "estimator.weight." + place;
    }

    @Override
    public Estimate estimate(Program program, Pass pass) {
        try (var scope = TorchScope.open()) {
            Recorded recorded = new Recorded(pass);
            Tensor losses = program.loss(recorded); // [rows]
            if (recorded.logits.size() != choices) {
                throw new IllegalArgumentException(
                        "the program must make " + choices + " choices; got " + recorded.logits.size());
            }
            Tensor surrogate = losses.mean();
            for (int place = 0; place < choices; place++) {
                Tensor eta = pass.forward().parameter(weightName(place));
                surrogate = surrogate.add(correction(program, recorded, losses.detach(), place, eta));
            }
            return new Estimate(scope.keep(surrogate), scope.keep(losses.detach()));
        }
    }

    /** A scalar with the gradients of one choice's logits and of its η. */
    private Tensor correction(Program program, Recorded recorded, Tensor losses, int place, Tensor eta) {
        Tensor logits = recorded.logits.get(place);
        Tensor hard = recorded.hard.get(place);
        Tensor theta = logits.detach().set_requires_grad(true); // [rows, variables, classes]
        Tensor log = theta.log_softmax(-1);
        Tensor free = log.add(recorded.gumbel.get(place));
        Scalar lambda = new Scalar(temperature);
        Tensor relaxed = free.div(lambda).softmax(-1);
        Tensor tied = conditional(log, free.detach(), hard).div(lambda).softmax(-1); // equal to relaxed in value
        Tensor point = relaxed.detach().set_requires_grad(true);
        Tensor soft = program.loss(recorded.relaxedFrom(place, point, lambda)); // [rows]
        Tensor slope = gradient(soft.sum(), point);
        Tensor pathwise = gradient(slope.mul(relaxed.sub(tied)).sum(), theta);
        Tensor score = hard.sub(log.detach().exp()); // ∇ ln p(b) in the logits
        Tensor plain = column(losses).mul(score);
        Tensor control = column(soft.detach()).mul(score).sub(pathwise);
        Tensor estimate = plain.sub(eta.mul(control)); // [rows, variables, classes], with a gradient in η alone
        Tensor size = estimate.square().sum(new long[] {-2, -1}, false, new ScalarTypeOptional()).mean();
        Scalar rows = new Scalar((double) losses.numel());
        return logits.mul(estimate.detach()).sum().div(rows).add(size);
    }

    /**
     * z̃: a draw given its greatest place, of which the noise is what makes it equal to a known draw.
     *
     * @param log ln p, with gradients
     * @param free the known draw
     * @param hard ones at its greatest places
     */
    static Tensor conditional(Tensor log, Tensor free, Tensor hard) {
        Tensor top = free.mul(hard).sum(new long[] {-1}, true, new ScalarTypeOptional()); // [rows, variables, 1]
        Tensor below = free.sub(top).exp().neg().log1p().sub(free); // ln(e^−z − e^−top), −∞ at the top
        Tensor noise = log.detach().add(below); // ln of an exponential variable of rate 1
        Tensor others = torch.logaddexp(noise.sub(log), top.neg()).neg();
        return top.mul(hard).add(others.mul(hard.neg().add(new Scalar(1f))));
    }

    private static Tensor column(Tensor rows) {
        return rows.unsqueeze(-1).unsqueeze(-1); // [rows, 1, 1]
    }

    private static Tensor gradient(Tensor of, Tensor in) {
        TensorVector gradients = torch.grad(
                new TensorVector(of),
                new TensorVector(in),
                new TensorVector(),
                new BoolOptional(true), // logits may share a graph with what is still to be differentiated
                false,
                false);
        return gradients.get(0);
    }

    /** Draws one-hot choices and remembers how; then repeats them with one relaxed. */
    private static final class Recorded implements Choices {
        private final Pass pass;
        private final List<Tensor> logits = new ArrayList<>();
        private final List<Tensor> gumbel = new ArrayList<>();
        private final List<Tensor> hard = new ArrayList<>();

        private Recorded(Pass pass) {
            this.pass = pass;
        }

        @Override
        public Tensor choose(Tensor own) {
            Tensor noise = pass.gumbel(logits.size(), own).to(own.scalar_type());
            logits.add(own);
            gumbel.add(noise);
            hard.add(HardChoices.oneHot(own.detach().add(noise)));
            return hard.getLast();
        }

        /** Choices that are one-hot before a place, a given point there, and relaxed after it. */
        private Choices relaxedFrom(int place, Tensor point, Scalar lambda) {
            int[] next = {0};
            return own -> {
                int at = next[0]++;
                if (at <= place) {
                    return at < place ? hard.get(at) : point;
                }
                return own.add(gumbel.get(at)).div(lambda).softmax(-1);
            };
        }
    }
}
