package dev.lapidary.runtime.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hidden names under which content is written before it takes its place, {@code .NAME.lapidary-PLACE-PROCESS-START-RANDOM.tmp},
 * and {@code .old} for what it replaces; and what becomes of those that a killed process left: an old folder whose place is empty goes
 * back to it, all else is deleted.
 *
 * <p>PLACE tells the machine since it was started, and the name space of its processes, so that another machine's work in a shared
 * folder is not taken for a dead process's. What no process of this place wrote counts as left after a day. What other programs
 * write under hidden names stays: only names with the word lapidary are looked at.
 */
final class LeftOvers {
    private static final Logger LOG = LoggerFactory.getLogger(LeftOvers.class);
    private static final Pattern NAME = Pattern.compile(
            "\\.(.+)\\.lapidary-([0-9a-f]{8})-([0-9a-f]{1,16})-([0-9a-f]{1,16})-[0-9a-f]{8}\\.(tmp|old)");
    private static final Duration FOREIGN = Duration.ofDays(1);
    private static final String PLACE = place();
    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private LeftOvers() {}

    /** Returns a new hidden name for content of a file name. */
    static String name(String of, String ending) {
        ProcessHandle here = ProcessHandle.current();
        return "." + of + ".lapidary-" + PLACE + "-" + Long.toHexString(here.pid()) + "-"
                + Long.toHexString(start(here)) + "-"
                + UUID.randomUUID().toString().substring(0, 8) + "." + ending;
    }

    /** Repairs and clears a folder, once in the life of this process. */
    static void sweep(Path parent) {
        if (Files.isDirectory(parent) && SWEPT.add(parent)) {
            clear(parent);
        }
    }

    /** Repairs and clears a folder. */
    static void clear(Path parent) {
        List<Path> entries;
        try (Stream<Path> children = Files.list(parent)) {
            entries = children.filter(child -> child.getFileName().toString().startsWith("."))
                    .toList();
        } catch (IOException e) {
            LOG.debug("{} cannot be listed: {}", parent, e.toString());
            return;
        }
        for (Path entry : entries) {
            Matcher name = NAME.matcher(entry.getFileName().toString());
            if (name.matches() && isLeft(entry, name)) {
                end(entry, parent.resolve(name.group(1)), name.group(5));
            }
        }
    }

    private static void end(Path entry, Path target, String ending) {
        try {
            if (ending.equals("old") && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(entry, target);
                LOG.info("{} is back: a process was killed while it replaced it", target);
            } else {
                AtomicFiles.deleteTree(entry);
            }
        } catch (IOException e) {
            LOG.warn("{}, left by a process that was killed, could not be removed: {}", entry, e.toString());
        }
    }

    private static boolean isLeft(Path entry, Matcher name) {
        if (!PLACE.equals(name.group(2))) {
            return isOld(entry);
        }
        long process = Long.parseUnsignedLong(name.group(3), 16);
        long start = Long.parseUnsignedLong(name.group(4), 16);
        return ProcessHandle.of(process).map(alive -> start(alive) != start).orElse(true);
    }

    private static boolean isOld(Path entry) {
        try {
            Instant changed =
                    Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS).toInstant();
            return changed.isBefore(Instant.now().minus(FOREIGN));
        } catch (IOException e) {
            return false;
        }
    }

    private static long start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String place() {
        String host;
        try {
            host = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        } catch (IOException | RuntimeException elsewhere) {
            host = System.getProperty("user.name", "") + System.getProperty("os.name", "");
        }
        return Sha256.of(host).substring(0, 8);
    }
}
