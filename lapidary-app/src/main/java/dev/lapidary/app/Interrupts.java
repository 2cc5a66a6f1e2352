package dev.lapidary.app;

import dev.lapidary.runtime.Cancellation;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets Ctrl-C, and a request to end (SIGTERM, as kill and services send it), end long work in order: the first sets the cancellation,
 * so that the work saves itself and the command ends with status 130, or 143 for SIGTERM; the second, or some seconds without an
 * end, halts the JVM with the same status.
 *
 * <p>This handles the signals and does not use a shutdown hook. A hook runs when the JVM is ending already: other hooks then take
 * native libraries and temporary files from the work while it still saves, the main thread can no longer choose the exit status, and
 * a second Ctrl-C is not heard. {@code sun.misc.Signal} is reached by reflection, since the compiler warns of any other use and
 * cannot be told not to. Where a shell started the process with interrupts ignored, as in a background job, they stay ignored.
 */
public final class Interrupts implements AutoCloseable {
    /** The signals; what they ended has the exit status of 128 and the number of the signal. */
    private enum Signal {
        INT(130),
        TERM(143);

        private final int status;

        Signal(int status) {
            this.status = status;
        }
    }

    private static final Duration TIME_TO_SAVE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);

    private final Cancellation cancellation;
    private final Duration timeToSave;
    private final AtomicReference<@Nullable Signal> received = new AtomicReference<>();
    private final Map<Signal, Object> formerHandlers = new EnumMap<>(Signal.class);

    private Interrupts(Cancellation cancellation, Duration timeToSave) {
        this.cancellation = cancellation;
        this.timeToSave = timeToSave;
        for (Signal signal : Signal.values()) {
            Object former = handle(signal, proxy(signal));
            if (former != null) {
                formerHandlers.put(signal, former);
            }
        }
    }

    /** Handles the signals from now until it is closed; the work has 10 seconds to end. */
    public static Interrupts install(Cancellation cancellation) {
        return install(cancellation, TIME_TO_SAVE);
    }

    static Interrupts install(Cancellation cancellation, Duration timeToSave) {
        return new Interrupts(cancellation, timeToSave);
    }

    /** Returns 130 where Ctrl-C was pressed, 143 after SIGTERM, else the given status. */
    public int status(int otherwise) {
        Signal signal = received.get();
        return signal == null ? otherwise : signal.status;
    }

    /** Gives the signals back to who had them before. A process that was interrupted still ends within its time. */
    @Override
    public void close() {
        formerHandlers.forEach(Interrupts::handle);
    }

    private void interrupted(Signal signal) {
        if (!received.compareAndSet(null, signal)) {
            Runtime.getRuntime().halt(status(signal.status));
        }
        cancellation.cancel();
        Thread.ofPlatform().daemon().name("end after a signal").start(() -> haltInTime(signal));
        System.err.println();
        System.err.println("stopping and saving; Ctrl-C again stops at once");
    }

    private void haltInTime(Signal signal) {
        try {
            Thread.sleep(timeToSave);
        } catch (InterruptedException e) {
            LOG.debug("ends at once", e);
        }
        Runtime.getRuntime().halt(signal.status);
    }

    @SuppressWarnings("ReferenceEquality") // a proxy is itself
    private Object proxy(Signal signal) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                interrupted(signal);
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

    /** Makes this the handler of a signal and returns the former one, or null where signals cannot be handled (java -Xrs). */
    private static @Nullable Object handle(Signal which, Object handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, signal.getConstructor(String.class).newInstance(which.name()), handler);
        } catch (ReflectiveOperationException e) {
            LOG.warn("SIG{} will not save first: {}", which, String.valueOf(e.getCause()));
            return null;
        }
    }
}
