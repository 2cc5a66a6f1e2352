package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.FilteredCrossEntropy;
import dev.lapidary.systems.Identity;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What holds for the losses whatever the seed. */
final class LossIdentities {
    private static final HeadProblem.Sizes SIZES = new HeadProblem.Sizes(150, 5000, 24);
    private static final double EXACT = 1e-10; // the row's
    private static final double ROUNDING = 1e-2; // of the bound, float32
    private static final double SINGLE = 1e-5; // nats, float32

    private LossIdentities() {}

    static List<Identity> all() {
        return List.of(
                identity("without a filter the loss is that of linear and cross_entropy, float64", EXACT, () -> exact(0)),
                identity("without a filter the hidden gradient is autograd's, float64", EXACT, () -> exact(1)),
                identity("without a filter the output weight's gradient is autograd's, float64", EXACT, () -> exact(2)),
                identity("with the filter the loss is the exact one, float32", SINGLE, LossIdentities::filteredLoss),
                identity(
                        "with the filter no gradient is further off than its threshold allows: share of the bound",
                        1 + ROUNDING,
                        LossIdentities::boundShare));
    }

    private static Identity identity(String name, double bound, DoubleSupplier error) {
        return new Identity(name, bound, () -> {
            try (var scope = TorchScope.open()) {
                return error.getAsDouble();
            }
        });
    }

    /** Returns the largest difference of the loss, the hidden gradient or the output weight's gradient. */
    private static double exact(int which) {
        HeadProblem problem = HeadProblem.draw(SIZES, 0);
        Tensor hidden = problem.hidden().to(torch.ScalarType.Double).set_requires_grad(true);
        Tensor weight = problem.weight().to(torch.ScalarType.Double).set_requires_grad(true);
        Tensor plain = torch.cross_entropy_loss(torch.linear(hidden, weight), problem.targets());
        plain.backward();
        var cut = CutCrossEntropy.lossAndGradients(hidden, weight, problem.targets(), true);
        return switch (which) {
            case 0 -> Math.abs(cut.loss() - plain.item_double());
            case 1 -> difference(cut.hiddenGradient(), hidden.grad());
            default -> difference(Objects.requireNonNull(cut.weightGradient()), weight.grad());
        };
    }

    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }

    private static double filteredLoss() {
        HeadProblem problem = HeadProblem.draw(SIZES, 0);
        double exact = CutCrossEntropy.loss(
                problem.hidden().to(torch.ScalarType.Double),
                problem.weight().to(torch.ScalarType.Double),
                problem.targets());
        return Math.abs(filtered(problem).loss() - exact);
    }

    private static double boundShare() {
        HeadProblem problem = HeadProblem.draw(SIZES, 0);
        FilterBound bound = FilterBound.of(problem, filtered(problem), FilteredCrossEntropy.THRESHOLD);
        return Math.max(bound.hiddenShare(), bound.weightShare());
    }

    private static CutCrossEntropy.Result filtered(HeadProblem problem) {
        return FilteredCrossEntropy.lossAndGradients(
                        problem.hidden(), problem.weight(), problem.targets(), true, FilteredCrossEntropy.THRESHOLD)
                .result();
    }
}
