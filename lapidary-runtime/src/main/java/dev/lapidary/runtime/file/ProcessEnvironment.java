package dev.lapidary.runtime.file;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/** Sets variables of this process's environment as C code sees it, where the user has not set them. */
public final class ProcessEnvironment {
    private ProcessEnvironment() {}

    /**
     * Sets a variable unless the environment has it already. Native libraries that are loaded later see it;
     * {@link System#getenv} keeps showing the environment of the start.
     */
    @SuppressWarnings("restricted")
    public static void setDefault(String name, String value) {
        if (System.getenv(name) != null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        SymbolLookup c = linker.defaultLookup();
        try (var arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocateFrom(name);
            MemorySegment text = arena.allocateFrom(value);
            var setenv = c.find("setenv");
            if (setenv.isPresent()) {
                var type = FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
                int _ = (int) linker.downcallHandle(setenv.get(), type).invokeExact(key, text, 0);
                return;
            }
            var putenv = c.find("_putenv_s"); // Windows
            if (putenv.isPresent()) {
                var type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
                int _ = (int) linker.downcallHandle(putenv.get(), type).invokeExact(key, text);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(name + " must be settable in the process environment; got " + e, e);
        }
    }

    /** Returns a variable as C code sees it now, or an empty text where it is not set. */
    @SuppressWarnings("restricted")
    public static String get(String name) {
        Linker linker = Linker.nativeLinker();
        var type = FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        try (var arena = Arena.ofConfined()) {
            var getenv = linker.downcallHandle(linker.defaultLookup().findOrThrow("getenv"), type);
            MemorySegment text = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
            return text.equals(MemorySegment.NULL)
                    ? ""
                    : text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " must be readable in the process environment; got " + e, e);
        }
    }
}
