package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class SavedStateTest {
    private final SavedState saved = new SavedState(List.of(
            TensorView.of("w", new float[] {1.5f, -2}, 1, 2),
            TensorView.of("m", new double[] {0.1, 0.2, 0.3}, 3),
            TensorView.of("t", new long[] {1L << 60}, 1)));

    @Test
    void copiesEveryTypeBack() {
        float[] weights = new float[2];
        double[] moments = new double[3];
        long[] updates = new long[1];
        float[] segment = new float[2];
        saved.copy("w", weights);
        saved.copy("m", moments);
        saved.copy("t", updates);
        saved.copy("w", MemorySegment.ofArray(segment));
        assertThat(weights).containsExactly(1.5f, -2);
        assertThat(moments).containsExactly(0.1, 0.2, 0.3);
        assertThat(updates).containsExactly(1L << 60);
        assertThat(segment).containsExactly(1.5f, -2);
        assertThat(saved.tensors()).containsOnlyKeys("m", "t", "w");
    }

    @Test
    void otherSizesAndNamesAreRefused() {
        assertThatThrownBy(() -> saved.copy("w", new float[3]))
                .isInstanceOf(InputException.class)
                .hasMessage("a saved w must have 3 elements; got 2");
        assertThatThrownBy(() -> saved.copy("w", MemorySegment.ofArray(new byte[7])))
                .hasMessage("a saved w must have 7 bytes; got 8");
        assertThatThrownBy(() -> saved.tensor("v")).hasMessage("a saved state must have a tensor v; got [m, t, w]");
    }
}
