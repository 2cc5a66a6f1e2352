package dev.lapidary.torch.check;

import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.ConvolutionFinding;
import dev.lapidary.torch.Convolutions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks the native operations that Lapidary uses, on this machine and with these libraries, against their formulas.
 *
 * <p>The judge is independent of PyTorch: plain Java loops in float64 and their central differences, or the identity that defines a
 * result. Shapes are small, odd and random with fixed seeds; what is trained through is checked forward and backward; operands lie
 * row-major, transposed and, images, channels last. Tolerances follow from the arithmetic: the length of the sums and the rounding of
 * the type. All of it takes some seconds and frees its native memory.
 */
public final class OperationChecks {
    private OperationChecks() {}

    /**
     * Checks every operation.
     *
     * @throws IllegalStateException where PyTorch cannot be loaded
     */
    public static List<OperationCheck> run(Progress progress) {
        List<CheckedOperation> operations = all();
        List<OperationCheck> checks = new ArrayList<>();
        try (Progress.Task task = progress.start("checking native operations", operations.size() + 1L)) {
            for (CheckedOperation operation : operations) {
                checks.add(operation.check());
                task.advance(1);
            }
            Convolutions.findings().forEach(found -> checks.add(check(found)));
            task.advance(1);
        }
        return checks;
    }

    /** A convolution that is wrong here has a fallback, which {@link Convolutions} chose. */
    private static OperationCheck check(ConvolutionFinding found) {
        OperationCheck own = OperationCheck.of(found.kind(), found.type(), finding(found.own()));
        return found.used()
                .map(used -> own.withFallback(Convolutions.description(), finding(used)))
                .orElse(own);
    }

    private static Finding finding(ConvolutionFinding.Outcome outcome) {
        return new Finding(outcome.cases(), outcome.wrong(), outcome.error(), outcome.tolerance(), outcome.where());
    }

    /** Every operation in every type that it is used in, but the convolutions, which have a check of their own. */
    static List<CheckedOperation> all() {
        return Stream.of(
                        ProductChecks.all(),
                        ActivationChecks.all(),
                        NormChecks.all(),
                        AttentionChecks.all(),
                        PoolingChecks.all(),
                        RecurrentChecks.all(),
                        FourierChecks.all(),
                        FactorChecks.all())
                .flatMap(List::stream)
                .toList();
    }
}
