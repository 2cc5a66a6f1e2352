package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ProductLeaseTest {
    @Test
    void leases_overlap_leave_the_count_alone_and_change_no_product() {
        int threads = Torch.threads();
        float[] values = new float[300 * 300];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7 - 3;
        }
        try (TorchScope scope = TorchScope.open()) {
            Tensor a = Tensors.of(values, 300, 300);
            float[] pooled = Tensors.toFloats(a.mm(a));
            Torch.Lease first = Torch.oneThreadPerProduct();
            try (Torch.Lease second = Torch.oneThreadPerProduct()) {
                first.close();
                first.close();
                assertThat(Tensors.toFloats(a.mm(a))).isEqualTo(pooled); // whole numbers: exact in any order
            }
        }
        assertThat(Torch.threads()).isEqualTo(threads);
    }
}
