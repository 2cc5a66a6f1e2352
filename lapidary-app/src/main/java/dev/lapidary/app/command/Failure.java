package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How a command that threw ends.
 *
 * @param status exit status
 * @param message one line for people
 */
record Failure(int status, String message) {
    static final int FAILED = 1;
    static final int BAD_INPUT = 2;
    static final int STOPPED = 130;

    static Failure of(Throwable thrown) {
        return switch (thrown) {
            case InputException bad -> new Failure(BAD_INPUT, line(String.valueOf(bad.getMessage())));
            case CancellationException stopped -> new Failure(STOPPED, "stopped on request");
            case UncheckedIOException io -> new Failure(FAILED, line(message(io)));
            case IOException io -> new Failure(FAILED, line(reason(io)));
            case OutOfMemoryError memory ->
                new Failure(
                        FAILED,
                        "the JVM needs more memory: set LAPIDARY_OPTS=-Xmx8g or higher; got "
                                + line(String.valueOf(memory.getMessage())));
            case CompletionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            case ExecutionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            default ->
                new Failure(
                        FAILED,
                        line("unexpected failure, please report it: " + thrown) + "; --debug shows where it came from");
        };
    }

    private static String message(UncheckedIOException thrown) {
        IOException cause = thrown.getCause();
        String own = thrown.getMessage();
        return own == null || cause == null || own.equals(cause.toString())
                ? reason(cause)
                : own + ": " + reason(cause);
    }

    private static String reason(@Nullable IOException thrown) {
        return switch (thrown) {
            case null -> "reading or writing failed";
            case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException other when other.getReason() != null -> other.getFile() + ": " + other.getReason();
            default -> thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        };
    }

    private static String line(String text) {
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ").strip();
    }
}
