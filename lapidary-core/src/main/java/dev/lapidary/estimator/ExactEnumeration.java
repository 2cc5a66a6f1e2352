package dev.lapidary.estimator;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the loss over every configuration of the choices, weighted by its probability: the exact expected loss and its exact gradient.
 *
 * <p>Costs classes^variables runs of the program for each choice it makes, all in one pass with leading axes.
 *
 * @param limit the most configurations of a row, of all choices of a program together
 */
public record ExactEnumeration(long limit) implements GradientEstimator {
    /** Checks the limit. */
    public ExactEnumeration {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1; got " + limit);
        }
    }

    /** Returns one that refuses more than 4096 configurations. */
    public static ExactEnumeration standard() {
        return new ExactEnumeration(4096);
    }

    @Override
    public Estimate estimate(Program program, Pass pass) {
        try (var scope = TorchScope.open()) {
            Every every = new Every(limit);
            Tensor losses = program.loss(every); // [configurations of the last choice, .., of the first, rows]
            Tensor expected = losses;
            if (every.logProbability != null) {
                Tensor weighted = losses.mul(every.logProbability.exp());
                expected = weighted.reshape(-1, weighted.size(-1)).sum(0); // [rows]
            }
            return new Estimate(scope.keep(expected.mean()), scope.keep(expected.detach()));
        }
    }

    /** Hands out every configuration, each choice along a new first axis. */
    private static final class Every implements Choices {
        private final long limit;
        private long configurations = 1;
        private int places;
        private @Nullable Tensor logProbability;

        private Every(long limit) {
            this.limit = limit;
        }

        @Override
        public Tensor choose(Tensor logits) {
            long variables = logits.size(-2);
            long classes = logits.size(-1);
            double all = configurations * Math.pow(classes, variables);
            if (all > limit) {
                throw new IllegalArgumentException("configurations of a row must be at most " + limit + "; got "
                        + classes + " classes of " + variables + " variables after " + configurations);
            }
            configurations = (long) all;
            Tensor own = logits;
            while (own.dim() < 3 + places) {
                own = own.unsqueeze(0); // where the logits do not depend on the choices before
            }
            Tensor each = configurations(variables, classes, own.dim()).to(own.scalar_type());
            Tensor log = own.log_softmax(-1).mul(each).sum(new long[] {-2, -1}, false, new ScalarTypeOptional());
            logProbability = logProbability == null ? log : logProbability.add(log);
            places++;
            long[] shape = new long[(int) own.dim() + 1];
            System.arraycopy(Tensors.shape(own), 0, shape, 1, shape.length - 1);
            shape[0] = each.size(0);
            return each.expand(shape);
        }

        /** One-hot choices [configurations, 1, .., variables, classes], with as many axes after the first as the logits have. */
        private static Tensor configurations(long variables, long classes, long axes) {
            int count = (int) Math.round(Math.pow(classes, variables));
            int width = Math.toIntExact(variables * classes);
            float[] values = new float[count * width];
            for (int i = 0; i < count; i++) {
                long rest = i;
                for (int v = 0; v < variables; v++) {
                    values[i * width + v * (int) classes + (int) (rest % classes)] = 1;
                    rest /= classes;
                }
            }
            long[] shape = new long[(int) axes + 1];
            Arrays.fill(shape, 1);
            shape[0] = count;
            shape[shape.length - 2] = variables;
            shape[shape.length - 1] = classes;
            return Tensors.of(values, shape);
        }
    }
}
