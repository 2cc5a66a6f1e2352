package dev.lapidary.app;

import dev.lapidary.runtime.Cancellation;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets Ctrl-C end long work in order: the first sets the cancellation, so that the work saves itself and the command ends with status
 * 130; the second, or some seconds without an end, halts the JVM with the same status.
 *
 * <p>This handles the signal and does not use a shutdown hook. A hook runs when the JVM is ending already: other hooks then take
 * native libraries and temporary files from the work while it still saves, the main thread can no longer choose the exit status, and
 * a second Ctrl-C is not heard. {@code sun.misc.Signal} is reached by reflection, since the compiler warns of any other use and
 * cannot be told not to. Where a shell started the process with interrupts ignored, as in a background job, they stay ignored.
 */
public final class Interrupts implements AutoCloseable {
    /** The exit status of what Ctrl-C ended: 128 and the number of the signal. */
    public static final int STATUS = 130;

    private static final Duration TIME_TO_SAVE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);

    private final Cancellation cancellation;
    private final Duration timeToSave;
    private final AtomicInteger received = new AtomicInteger();
    private final @Nullable Object formerHandler;

    private Interrupts(Cancellation cancellation, Duration timeToSave) {
        this.cancellation = cancellation;
        this.timeToSave = timeToSave;
        formerHandler = handle(proxy());
    }

    /** Handles Ctrl-C from now until it is closed; the work has 10 seconds to end. */
    public static Interrupts install(Cancellation cancellation) {
        return install(cancellation, TIME_TO_SAVE);
    }

    static Interrupts install(Cancellation cancellation, Duration timeToSave) {
        return new Interrupts(cancellation, timeToSave);
    }

    /** Returns {@link #STATUS} where Ctrl-C was pressed, else the given status. */
    public int status(int otherwise) {
        return received.get() > 0 ? STATUS : otherwise;
    }

    /** Gives Ctrl-C back to who had it before. A process that was interrupted still ends within its time. */
    @Override
    public void close() {
        if (formerHandler != null) {
            handle(formerHandler);
        }
    }

    private void interrupted() {
        if (received.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(STATUS);
        }
        cancellation.cancel();
        Thread.ofPlatform().daemon().name("end after Ctrl-C").start(this::haltInTime);
        System.err.println();
        System.err.println("stopping and saving; Ctrl-C again stops at once");
    }

    private void haltInTime() {
        try {
            Thread.sleep(timeToSave);
        } catch (InterruptedException e) {
            LOG.debug("ends at once", e);
        }
        Runtime.getRuntime().halt(STATUS);
    }

    private Object proxy() {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                interrupted();
                yield null;
            }
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> Interrupts.class.getName();
        };
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the Java runtime must have the module jdk.unsupported", e);
        }
    }

    /** Makes this the handler of Ctrl-C and returns the former one, or null where signals cannot be handled (java -Xrs). */
    private static @Nullable Object handle(Object handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), handler);
        } catch (ReflectiveOperationException e) {
            LOG.warn("Ctrl-C will not save first: {}", String.valueOf(e.getCause()));
            return null;
        }
    }
}
