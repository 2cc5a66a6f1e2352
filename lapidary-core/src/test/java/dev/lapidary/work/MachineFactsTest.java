package dev.lapidary.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineFactsTest {
    @TempDir
    private Path folder;

    @Test
    void readsWhatLinuxTells() throws IOException {
        Path processor = Files.writeString(folder.resolve("cpuinfo"), """
                processor\t: 0
                model name\t: AMD EPYC 9015
                flags\t\t: fpu sse2 sse2 avx2 avx512f hypervisor avx512_bf16

                processor\t: 1
                model name\t: another
                """);
        cache("index0", "1", "Data", "48K");
        cache("index1", "1", "Instruction", "32K");
        cache("index2", "2", "Unified", "1024K");
        cache("index3", "3", "Unified", "32M");
        cache("index4", "4", "Unified", "");

        MachineFacts facts = MachineFacts.of(processor, folder.resolve("cache"));

        assertThat(facts.processor()).isEqualTo("AMD EPYC 9015");
        assertThat(facts.instructions()).containsExactly("avx2", "avx512f", "avx512_bf16");
        assertThat(facts.virtual()).isTrue();
        assertThat(facts.caches())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "L1d", 48L << 10,
                        "L1i", 32L << 10,
                        "L2", 1L << 20,
                        "L3", 32L << 20));
        assertThat(facts.cacheText()).isEqualTo("L1d 48 KiB, L1i 32 KiB, L2 1 MiB, L3 32 MiB");
        assertThat(facts.memory()).isPositive();
    }

    private void cache(String index, String level, String type, String size) throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache").resolve(index));
        Files.writeString(cache.resolve("level"), level + "\n");
        Files.writeString(cache.resolve("type"), type + "\n");
        Files.writeString(cache.resolve("size"), size + "\n");
    }

    @Test
    void saysWhoDoesNotTellTheCaches() throws IOException {
        Path virtual = Files.writeString(folder.resolve("virtual"), "flags\t: avx2 hypervisor\n");
        Path missing = folder.resolve("missing");

        assertThat(MachineFacts.of(virtual, missing).cacheText()).isEqualTo("sizes not told by the hypervisor");
        assertThat(MachineFacts.of(missing, missing).cacheText()).isEqualTo("sizes not told by the system");
        assertThat(MachineFacts.of(missing, missing).processor()).isEqualTo(System.getProperty("os.arch"));
    }
}
