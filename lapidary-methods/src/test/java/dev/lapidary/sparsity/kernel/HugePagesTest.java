package dev.lapidary.sparsity.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.file.ProcessMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HugePagesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 2 << 20, (2 << 20) + 1, 9_000_001})
    void memoryIsZeroHoldsWhatIsWrittenAndEndsWithItsArena(long bytes) {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = HugePages.allocate(arena, bytes);
            assertThat(memory.byteSize()).isEqualTo(bytes);
            assertThat(memory.address() % 64).isZero();
            for (long at = 0; at < bytes; at += 4000) {
                assertThat(memory.get(ValueLayout.JAVA_BYTE, at)).isZero();
            }
            memory.fill((byte) 7);
            assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) 7);
            assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, bytes))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatWasClosedIsGivenBack() {
        long before = 0;
        for (int i = 0; i < 40; i++) {
            try (Arena arena = Arena.ofShared()) {
                HugePages.allocate(arena, 16 << 20).fill((byte) 1);
            }
            before = i == 4 ? ProcessMemory.resident() : before;
        }
        assertThat(ProcessMemory.resident()).isLessThan(before + (64L << 20)); // 35 unfreed ones were 560 MiB
    }

    @Test
    void anArenaThatIsClosedKeepsNoMemory() throws IOException {
        Arena arena = Arena.ofConfined();
        arena.close();
        long before = addresses();
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> HugePages.allocate(arena, 1 << 30))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Already closed");
        }
        assertThat(addresses()).isLessThan(before + (50L << 30)); // 100 kept ones were 100 GiB
    }

    /** Bytes of addresses that the process has taken, used or not; 0 where the system does not say. */
    private static long addresses() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmSize:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
