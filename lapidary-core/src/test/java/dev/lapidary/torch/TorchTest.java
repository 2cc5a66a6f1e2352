package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class TorchTest {
    @Test
    void copiesArraysBothWays() {
        try (var scope = TorchScope.open()) {
            Tensor floats = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            assertThat(Tensors.shape(floats)).containsExactly(2, 3);
            assertThat(Tensors.toFloats(floats.t())).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(Tensors.toDoubles(floats)).containsExactly(1, 2, 3, 4, 5, 6);
            Tensor doubles = Tensors.of(new double[][] {{0.1, 0.2}, {0.3, 0.4}});
            assertThat(Tensors.toDoubles(doubles)).containsExactly(0.1, 0.2, 0.3, 0.4);
            assertThat(Tensors.toLongs(Tensors.of(new long[] {1L << 40, -1}))).containsExactly(1L << 40, -1);
            assertThat(Tensors.toFloats(Tensors.of(new float[0]))).isEmpty();
            assertThat(Tensors.toFloats(floats.set_requires_grad(true))).hasSize(6);
            assertThat(floats.size(0))
                    .as("converting closes no tensor of the caller")
                    .isEqualTo(2);
        }
    }

    @Test
    void wrapSharesMemoryInBothDirections() {
        try (var arena = Arena.ofConfined();
                var scope = TorchScope.open()) {
            MemorySegment memory = arena.allocate(24, 4);
            Tensor tensor = Tensors.wrap(memory, 2, 3);
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, 4, 7f);
            assertThat(Tensors.toFloats(tensor)).containsExactly(0, 0, 0, 0, 7, 0);
            tensor.mul_(new Scalar(2f)).add_(new Scalar(1f));
            assertThat(memory.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 1, 1, 1, 15, 1);
            assertThat(Tensors.segment(tensor).address()).isEqualTo(memory.address());
        }
    }

    @Test
    void segmentIsTheTensorsOwnMemory() {
        try (var scope = TorchScope.open()) {
            Tensor tensor = Tensors.of(new float[] {1, 2, 3}, 3);
            MemorySegment segment = Tensors.segment(tensor);
            assertThat(segment.byteSize()).isEqualTo(12);
            segment.set(ValueLayout.JAVA_FLOAT, 8, 9f);
            assertThat(Tensors.toFloats(tensor)).containsExactly(1, 2, 9);
            Tensor view = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2).t();
            assertThatThrownBy(() -> Tensors.segment(view)).hasMessageContaining("got contiguous=false");
            assertThatThrownBy(() -> Tensors.segment(new Tensor())).hasMessageContaining("undefined");
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> Tensors.of(new float[5], 2, 3)).hasMessageContaining("got 5 values, shape [2, 3]");
        assertThatThrownBy(() -> Tensors.of(new float[5], -1)).hasMessageContaining("got [-1]");
        assertThatThrownBy(() -> Tensors.of(new double[][] {{1}, {1, 2}})).hasMessageContaining("got 1 and 2");
        assertThatThrownBy(() -> Tensors.wrap(MemorySegment.ofArray(new float[4]), 4))
                .hasMessageContaining("native=false");
        assertThatThrownBy(() -> Torch.setThreads(0)).hasMessageContaining("got 1 and 0");
        try (var arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(24, 8);
            assertThatThrownBy(() -> Tensors.wrap(memory, 5)).hasMessageContaining("got 24 bytes");
            assertThatThrownBy(() -> Tensors.wrap(memory.asSlice(2, 20), 5)).hasMessageContaining("aligned");
            assertThatThrownBy(() -> Tensors.wrap(memory.asReadOnly(), 6)).hasMessageContaining("readOnly=true");
        }
    }

    @Test
    void scopeFreesAllButWhatItKeeps() {
        try (var outer = TorchScope.open()) {
            Tensor freed;
            Tensor kept;
            try (var inner = TorchScope.open()) {
                freed = Tensors.of(new float[] {1}, 1);
                kept = inner.keep(Tensors.of(new float[] {2}, 1));
            }
            assertThat(freed.isNull()).isTrue();
            assertThat(Tensors.toFloats(kept)).containsExactly(2);
            outer.close();
            outer.close();
            assertThat(kept.isNull()).isTrue();
        }
    }

    @Test
    void keepingWithoutAnEnclosingScopeLeavesClosingToTheCaller() {
        Tensor kept;
        try (var scope = TorchScope.open()) {
            kept = scope.keep(Tensors.of(new float[] {2}, 1));
        }
        assertThat(Tensors.toFloats(kept)).containsExactly(2);
        kept.close();
        assertThat(kept.isNull()).isTrue();
    }

    @Test
    void keepingAGradientOutlivesItsLeaf() {
        try (var outer = TorchScope.open()) {
            Tensor gradient;
            try (var inner = TorchScope.open()) {
                Tensor leaf = Tensors.of(new float[] {3, 4}, 2).set_requires_grad(true);
                leaf.mul(leaf).sum().backward();
                gradient = inner.keep(leaf.grad()); // owns nothing by itself
            }
            assertThat(Tensors.toFloats(gradient)).containsExactly(6, 8);
            assertThatThrownBy(() -> outer.keep(new Pointer())).hasMessageContaining("org.bytedeco.javacpp.Pointer");
        }
    }

    @Test
    void aTensorClosedInsideItsScopeIsFreedOnce() {
        try (var scope = TorchScope.open()) {
            Tensor tensor = Tensors.of(new float[] {1}, 1);
            tensor.close();
            assertThat(tensor.isNull()).isTrue();
        }
    }

    @Test
    void nativeMemoryDoesNotGrowOverTwoThousandSteps() {
        try (var scope = TorchScope.open()) {
            Tensor weight = Tensors.of(new float[256 * 256], 256, 256).set_requires_grad(true);
            steps(weight, 200);
            long before = Pointer.physicalBytes();
            steps(weight, 2000);
            // each step makes over 1 MB of tensors, 2 GB in all
            assertThat(Pointer.physicalBytes() - before).isLessThan(64L << 20);
        }
    }

    private static void steps(Tensor weight, int count) {
        for (int i = 0; i < count; i++) {
            try (var scope = TorchScope.open()) {
                Tensor x = torch.ones(new long[] {256, 256}, new TensorOptions(torch.ScalarType.Float));
                x.mul(weight).relu().add(x).sum().backward();
                Tensors.toFloats(weight.grad().sum());
            }
        }
    }

    @Test
    void seedRepeatsPyTorchsOwnNoise() {
        try (var scope = TorchScope.open()) {
            Torch.seed(5);
            float[] first = Tensors.toFloats(torch.randn(10));
            float[] next = Tensors.toFloats(torch.randn(10));
            Torch.seed(5);
            assertThat(Tensors.toFloats(torch.randn(10))).isEqualTo(first).isNotEqualTo(next);
        }
    }

    @Test
    void threadsAndVersionAreKnown() {
        int threads = Torch.threads();
        assertThat(threads).isEqualTo(Runtime.getRuntime().availableProcessors());
        Torch.setThreads(1);
        assertThat(Torch.threads()).isEqualTo(1);
        assertThat(torch.get_num_threads()).isEqualTo(1);
        Torch.setThreads(threads);
        assertThat(Torch.version()).isEqualTo("2.10.0");
    }

    @Test
    void openBlasNamesItsKernels() {
        assertThat(Torch.openBlasKernel()).matches("[A-Za-z][A-Za-z0-9_]+").isNotEqualTo("unknown");
    }
}
