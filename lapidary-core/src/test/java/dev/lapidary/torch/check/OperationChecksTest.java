package dev.lapidary.torch.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Progress;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperationChecksTest {
    private static final double FAULT = 0.1; // of the numbers of a result

    @Test
    void everyOperationIsRightOnThisMachine() {
        List<OperationCheck> checks = OperationChecks.run(Progress.silent());

        assertThat(checks).allSatisfy(check -> {
            assertThat(check.own().cases()).as(check.toString()).isGreaterThan(5);
            assertThat(check.right()).as(check.toString()).isTrue();
        });
        assertThat(checks)
                .extracting(check -> check.operation() + " " + check.type())
                .contains("linear bf16", "bmm f32", "layer norm f32", "LSTM f32", "SVD f64", "FFT f32")
                .doesNotHaveDuplicates();
    }

    static Stream<CheckedOperation> operations() {
        return OperationChecks.all().stream();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aResultThatIsOffIsWrong(CheckedOperation operation) {
        OperationCheck check = operation.check(output -> output.add(lastNumber(output)));

        assertThat(check.right()).isFalse();
        assertThat(check.verdict()).isEqualTo("wrong");
        assertThat(check.own().error()).isGreaterThan(check.own().tolerance());
    }

    /** A tenth of the largest number where the last one is, 0 elsewhere. */
    private static Tensor lastNumber(Tensor output) {
        Tensor place = torch.zeros_like(output).reshape(-1);
        place.narrow(0, place.numel() - 1, 1).fill_(new Scalar(1f));
        return place.reshape(output.sizes().vec().get())
                .mul(output.detach().abs().max())
                .mul(new Scalar(FAULT));
    }

    static Stream<CheckedOperation> differentiated() {
        return OperationChecks.all().stream()
                .filter(operation -> Stream.of("FFT", "SVD", "Cholesky", "solve", "eigen", "least squares")
                        .noneMatch(operation.name()::contains));
    }

    @ParameterizedTest
    @MethodSource("differentiated")
    void aGradientThatIsOffIsWrong(CheckedOperation operation) {
        // the same numbers forward, a tenth more backward
        OperationCheck check =
                operation.check(output -> output.add(output.sub(output.detach()).mul(new Scalar(FAULT))));

        assertThat(check.right()).isFalse();
        assertThat(check.own().where()).startsWith("gradient of ");
    }

    @Test
    void aResultThatIsNotANumberIsWrong() {
        UnaryOperator<Tensor> fault = output -> output.mul(new Scalar(Float.NaN));

        for (String name : List.of("matmul", "max pooling", "eigen")) {
            OperationCheck check = named(name).check(fault);
            assertThat(check.own().wrong()).isEqualTo(check.own().cases());
            assertThat(check.own().error()).isInfinite();
        }
    }

    @Test
    void anOperationThatThrowsIsWrongAndSaysWhy() {
        OperationCheck check = named("softmax").check(output -> output.matmul(output.narrow(0, 0, 9)));

        assertThat(check.right()).isFalse();
        assertThat(check.own().where()).contains("exceeds dimension size");
    }

    private static CheckedOperation named(String name) {
        return OperationChecks.all().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theSameCasesComeAgain() {
        assertThat(named("GELU").check()).isEqualTo(named("GELU").check());
    }

    @Test
    void noNativeMemoryIsLeft() {
        named("attention").check();
        long before = Pointer.totalCount();

        named("attention").check();

        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
}
