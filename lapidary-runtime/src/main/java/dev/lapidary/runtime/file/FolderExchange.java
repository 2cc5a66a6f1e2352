package dev.lapidary.runtime.file;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exchanges two folders in one step, so that neither name is ever without one: {@code renameat2} on Linux, {@code renamex_np} on macOS.
 *
 * <p>Java has no such call. It is made only where native access is allowed ({@code --enable-native-access}), and not every file system
 * can do it.
 */
final class FolderExchange {
    private static final Logger LOG = LoggerFactory.getLogger(FolderExchange.class);
    private static final int WORKING_FOLDER = -100; // AT_FDCWD; the paths are absolute
    private static final int EXCHANGE = 2; // RENAME_EXCHANGE, and RENAME_SWAP on macOS
    private static final @Nullable MethodHandle LINUX = call(
            "renameat2",
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT);
    private static final @Nullable MethodHandle MAC =
            call("renamex_np", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);

    private FolderExchange() {}

    @SuppressWarnings("restricted") // native access is asked for first
    private static @Nullable MethodHandle call(String name, ValueLayout... arguments) {
        if (!FolderExchange.class.getModule().isNativeAccessEnabled()) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> address = linker.defaultLookup().find(name);
        return address.map(at -> linker.downcallHandle(at, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments)))
                .orElse(null);
    }

    /** Exchanges two existing folders of one file system; false, and nothing changed, where that cannot be done in one step. */
    static boolean exchange(Path one, Path other) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocateFrom(one.toAbsolutePath().toString());
            MemorySegment second = arena.allocateFrom(other.toAbsolutePath().toString());
            if (LINUX != null) {
                return (int) LINUX.invokeExact(WORKING_FOLDER, first, WORKING_FOLDER, second, EXCHANGE) == 0;
            }
            return MAC != null && (int) MAC.invokeExact(first, second, EXCHANGE) == 0;
        } catch (Throwable e) { // of a method handle; none is expected
            LOG.warn("{} and {} could not be exchanged in one step: {}", one, other, e.toString());
            return false;
        }
    }
}
