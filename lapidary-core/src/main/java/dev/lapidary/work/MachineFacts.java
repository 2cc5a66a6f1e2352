package dev.lapidary.work;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the operating system says about this machine.
 *
 * @param processor its name
 * @param cores how many of them this process may use
 * @param instructions those of {@link #INSTRUCTIONS} that it has
 * @param virtual whether it is a virtual machine
 * @param caches bytes of each cache of the first core by name, such as L1d; empty where the system does not say
 * @param memory bytes of main memory, as far as a container allows
 * @param heap the most bytes that this JVM's heap may have
 * @param system name, version and architecture of the operating system
 * @param java version, vendor and home of this JVM
 */
public record MachineFacts(
        String processor,
        int cores,
        List<String> instructions,
        boolean virtual,
        Map<String, Long> caches,
        long memory,
        long heap,
        String system,
        String java) {
    /** The instruction sets that choose kernels, as Linux names them. */
    public static final List<String> INSTRUCTIONS = List.of(
            "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8", "asimd");

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

    /** Asks the system that this JVM runs on. */
    public static MachineFacts here() {
        return of(PROCESSOR, CACHES);
    }

    /** Returns processor, cores and instruction sets in one line. */
    public String line() {
        return processor + ", " + cores + " cores, " + String.join(" ", instructions);
    }

    /** Reads Linux's own files; elsewhere, where they are missing, only the JVM is asked. */
    static MachineFacts of(Path processor, Path cacheFolder) {
        List<String> lines = lines(processor);
        Set<String> flags = Set.copyOf(
                List.of(value(lines, "flags", value(lines, "Features", "")).split("\\s+")));
        return new MachineFacts(
                value(lines, "model name", System.getProperty("os.arch", "unknown")),
                Runtime.getRuntime().availableProcessors(),
                INSTRUCTIONS.stream().filter(flags::contains).toList(),
                flags.contains("hypervisor"),
                cacheSizes(cacheFolder),
                mainMemory(),
                Runtime.getRuntime().maxMemory(),
                property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
                Runtime.version() + " (" + property("java.vendor") + ") in " + property("java.home"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** The value of the first line of a name: all cores say the same. */
    private static String value(List<String> lines, String name, String otherwise) {
        return lines.stream()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2 && parts[0].strip().equals(name))
                .map(parts -> parts[1].strip())
                .findFirst()
                .orElse(otherwise);
    }

    private static Map<String, Long> cacheSizes(Path folder) {
        Map<String, Long> caches = new TreeMap<>();
        try (Stream<Path> indexes = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            for (Path index : indexes.filter(Files::isDirectory).sorted().toList()) {
                String level = String.join("", lines(index.resolve("level")));
                String type = String.join("", lines(index.resolve("type")));
                long bytes = bytes(String.join("", lines(index.resolve("size"))));
                if (bytes > 0) {
                    String suffix = type.equals("Unified")
                            ? ""
                            : type.toLowerCase(Locale.ROOT).substring(0, Math.min(1, type.length()));
                    caches.put("L" + level + suffix, bytes);
                }
            }
        } catch (IOException unreadable) {
            return Map.of();
        }
        return caches;
    }

    /** Reads a size such as 32K, or 0 where it is none. */
    private static long bytes(String size) {
        String text = size.strip();
        if (!text.matches("[0-9]{1,9}[KM]?")) {
            return 0;
        }
        long number = Long.parseLong(text.replaceFirst("[KM]", ""));
        return number << (text.endsWith("M") ? 20 : text.endsWith("K") ? 10 : 0);
    }

    private static long mainMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    /** One line on the caches. */
    public String cacheText() {
        if (caches.isEmpty()) {
            return virtual ? "sizes not told by the hypervisor" : "sizes not told by the system";
        }
        return String.join(
                ", ",
                caches.entrySet().stream()
                        .map(cache -> cache.getKey() + " " + size(cache.getValue()))
                        .toList());
    }

    private static String size(long bytes) {
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }
}
