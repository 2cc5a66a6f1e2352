package dev.lapidary.torch;

import dev.lapidary.runtime.file.ProcessEnvironment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * The door to PyTorch: every class that uses it calls {@link #load()} first.
 *
 * <p>Loading sets, where the user has not, {@code OMP_WAIT_POLICY=passive} (else idle threads of PyTorch's pool spin and
 * take the cores from OpenBLAS's pool), extracts the native libraries below the cache folder and loads them so that no
 * copy of the system gets in between, and sets the thread counts.
 *
 * <p>Threads: two pools share the cores. OpenBLAS, which does matrix products, gets them all; PyTorch's own operations run
 * on one thread, because waking a second one costs more than it saves on the small steps that dominate training here. The
 * benchmark {@code ThreadsBench} measures this choice. Where other programs use the same cores, OpenBLAS's threads wait for
 * each other and a small step can take many times longer: {@code setThreads(1)} is then the better choice.
 *
 * <p>Bits: OpenBLAS and oneDNN choose their loops by the processor, OpenBLAS also by {@code OPENBLAS_CORETYPE} and {@code
 * OPENBLAS_L2_SIZE}, and each loop rounds differently. A row of a product may round differently in another place or beside other
 * rows. So what PyTorch calculates has the same bytes only on the same machine with the same settings and in products of the same
 * shape; products that must not depend on these go through {@link dev.lapidary.runtime.kernel.RowProducts}.
 */
public final class Torch {
    private static final Object LOCK = new Object();
    private static final String UNKNOWN = "unknown";
    private static volatile boolean loaded;
    private static Optional<Path> openBlas = Optional.empty();
    private static int operationThreads;
    private static int productThreads;
    private static int leases; // open leases of one thread per product

    private Torch() {}

    /**
     * Loads PyTorch, once; safe on an empty cache, from several threads and from several processes at once.
     *
     * @throws IllegalStateException with one line that says why it cannot be loaded here
     */
    public static void load() {
        if (loaded) {
            return;
        }
        synchronized (LOCK) {
            if (loaded) {
                return;
            }
            NativeLibraries.configure();
            ProcessEnvironment.setDefault("OMP_WAIT_POLICY", "passive");
            ProcessEnvironment.setDefault("OPENBLAS_THREAD_TIMEOUT", "18"); // 2^18 cycles of waiting, not 2^26
            List<Path> libraries = NativeLibraries.load();
            openBlas = libraries.stream()
                    .filter(p -> p.endsWith("libopenblas.so.0"))
                    .findFirst();
            start();
            applyThreads(1, Runtime.getRuntime().availableProcessors());
            loaded = true;
        }
    }

    private static void start() {
        try {
            torch.get_num_threads();
            torch.globalContext().setUserEnabledNNPACK(false); // else it complains of processors that it does not know
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new IllegalStateException("PyTorch must load here; got " + e, e);
        }
    }

    /** Returns how many threads matrix products use. */
    public static int threads() {
        load();
        synchronized (LOCK) {
            return productThreads;
        }
    }

    /** Returns how many threads PyTorch's own operations use. */
    public static int operationThreads() {
        load();
        synchronized (LOCK) {
            return operationThreads;
        }
    }

    /**
     * Lets matrix products use n threads and leaves PyTorch's own operations on one. Results are the same bytes only at
     * the same thread count, on the same machine and with the same {@code OPENBLAS_*} settings.
     */
    public static void setThreads(int n) {
        setThreads(1, n);
    }

    /**
     * Sets both pools.
     *
     * @param operations threads of PyTorch's own operations, at least 1
     * @param products threads of matrix products, at least 1
     */
    public static void setThreads(int operations, int products) {
        if (operations < 1 || products < 1) {
            throw new IllegalArgumentException(
                    "thread counts must be at least 1; got " + operations + " and " + products);
        }
        load();
        synchronized (LOCK) {
            applyThreads(operations, products);
        }
    }

    /**
     * Runs every matrix product on its calling thread alone until the lease closes: for work that spreads whole blocks over
     * {@link #threads()} threads of its own, where a product that calls a pool for help would wait for it. Leases may overlap;
     * the last to close gives the pool back.
     */
    public static Lease oneThreadPerProduct() {
        load();
        synchronized (LOCK) {
            leases++;
            applyThreads(operationThreads, productThreads);
        }
        return new Lease();
    }

    /** Lets PyTorch's own operations use no other thread than this one, from now on where this thread calls them. */
    static void operateAlone() {
        load();
        synchronized (LOCK) {
            torch.set_num_threads(1);
        }
    }

    /** While one is open, each matrix product runs on its calling thread. */
    public static final class Lease implements AutoCloseable {
        private boolean closed;

        private Lease() {}

        /** Gives matrix products their threads back once no lease is open; a second call does nothing. */
        @Override
        public void close() {
            synchronized (LOCK) {
                if (!closed) {
                    closed = true;
                    leases--;
                    applyThreads(operationThreads, productThreads);
                }
            }
        }
    }

    private static void applyThreads(int operations, int products) {
        torch.set_num_threads(operations);
        openBlas.ifPresent(library -> setOpenBlasThreads(library, leases > 0 ? 1 : products));
        operationThreads = operations;
        productThreads = products;
    }

    @SuppressWarnings("restricted")
    private static void setOpenBlasThreads(Path library, int n) {
        try (var arena = Arena.ofConfined()) {
            var function = SymbolLookup.libraryLookup(library, arena).findOrThrow("openblas_set_num_threads");
            Linker.nativeLinker()
                    .downcallHandle(function, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
                    .invokeExact(n);
        } catch (Throwable e) {
            throw new IllegalStateException("OpenBLAS must take a thread count; got " + e, e);
        }
    }

    /**
     * Returns which of its kernels OpenBLAS runs, such as SkylakeX, by the processor or by {@code OPENBLAS_CORETYPE}; "unknown" where
     * it does not tell.
     */
    public static String openBlasKernel() {
        return openBlasText("openblas_get_corename");
    }

    /** Returns OpenBLAS's version and build options, or "unknown" where it does not tell. */
    static String openBlasConfiguration() {
        return openBlasText("openblas_get_config");
    }

    @SuppressWarnings("restricted") // the text that the loaded library returns
    private static String openBlasText(String function) {
        load();
        if (openBlas.isEmpty()) {
            return UNKNOWN;
        }
        try (var arena = Arena.ofConfined()) {
            var symbol = SymbolLookup.libraryLookup(openBlas.get(), arena).find(function);
            if (symbol.isEmpty()) {
                return UNKNOWN;
            }
            var text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(symbol.get(), FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            return text.equals(MemorySegment.NULL)
                    ? UNKNOWN
                    : text.reinterpret(Long.MAX_VALUE).getString(0).strip();
        } catch (Throwable e) {
            throw new IllegalStateException("OpenBLAS must say what it is; got " + e, e);
        }
    }

    /** Seeds PyTorch's own generator: initialisations and dropout; noise comes from CounterNoise. */
    public static void seed(long seed) {
        load();
        torch.manual_seed(seed);
    }

    /** Returns PyTorch's version, such as 2.10.0, without loading it. */
    public static String version() {
        try {
            String artifact = Loader.getVersion("org.bytedeco", "pytorch"); // PyTorch's version, then JavaCPP's
            return artifact.substring(0, artifact.lastIndexOf('-'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
