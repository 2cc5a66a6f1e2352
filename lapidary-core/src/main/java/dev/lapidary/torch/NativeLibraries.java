package dev.lapidary.torch;

import dev.lapidary.runtime.file.CacheFolder;
import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;

/**
 * Extracts PyTorch's native libraries to the cache and loads them in the order of their dependencies, all before the first
 * PyTorch class loads.
 *
 * <p>JavaCPP by itself extracts and loads one library after the other. While libtorch_cpu is not yet extracted, the dynamic
 * loader takes a system's own copy for it, of another version, and the process dies with SIGSEGV. The libraries also name
 * each other by RUNPATH, which LD_LIBRARY_PATH precedes. Loading each by its absolute path, dependencies first, makes both
 * harmless: what is already loaded under a name is not searched for again.
 *
 * <p>Two processes may start at once on an empty cache: JavaCPP locks the folder while it extracts.
 */
final class NativeLibraries {
    private static final String CACHE = "org.bytedeco.javacpp.cachedir";
    private static final Pattern LIBRARY = Pattern.compile("[^/]+\\.(so(\\.\\d+)*|dylib|dll)");
    private static final List<String> FOLDERS = List.of("javacpp", "openblas", "pytorch");

    /** Dependencies first; libstdc++, libgcc_s and libm are the system's, as the JVM has loaded them already. */
    private static final List<String> LINUX_ORDER = List.of(
            "libquadmath.so.0",
            "libgfortran.so.5",
            "libopenblas.so.0",
            "libgomp.so.1",
            "libc10.so",
            "libtorch_cpu.so",
            "libtorch.so");

    private NativeLibraries() {}

    /** Extracts and loads, once; returns the path of each library that was extracted. */
    static List<Path> load() {
        String platform = Loader.getPlatform();
        List<Path> extracted = new ArrayList<>();
        for (String folder : FOLDERS) {
            extracted.addAll(extract("/org/bytedeco/" + folder + "/" + platform + "/", platform));
        }
        if (platform.startsWith("linux")) {
            for (String name : LINUX_ORDER) {
                extracted.stream().filter(p -> p.endsWith(name)).findFirst().ifPresent(NativeLibraries::open);
            }
        }
        return extracted;
    }

    /**
     * Sets JavaCPP's properties, unless the user has: the cache lies below Lapidary's, and nobody asks the system for the
     * size of the process whenever a tensor is made, which takes as long as a small operation; scopes free memory here.
     */
    static void configure() {
        setDefault("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        if (System.getProperty(CACHE) == null) {
            System.setProperty(CACHE, CacheFolder.sub("javacpp").toString());
        }
    }

    private static void setDefault(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }

    private static List<Path> extract(String folder, String platform) {
        URL url = Loader.class.getResource(folder);
        if (url == null) {
            throw new IllegalStateException(
                    "PyTorch needs a platform whose native libraries are on the class path; got " + platform);
        }
        try {
            List<Path> paths = new ArrayList<>();
            for (String name : names(url)) {
                for (File file : Loader.cacheResources(Loader.class, folder + name)) {
                    paths.add(file.toPath());
                }
            }
            return paths;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the cache must take PyTorch's native libraries (500 MB); got " + e + " in "
                            + System.getProperty(CACHE),
                    e);
        }
    }

    private static List<String> names(URL folder) throws IOException {
        if (folder.openConnection() instanceof JarURLConnection connection) {
            String prefix = connection.getEntryName();
            return connection.getJarFile().stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(prefix))
                    .map(name -> name.substring(prefix.length()))
                    .filter(name -> LIBRARY.matcher(name).matches())
                    .toList();
        }
        try (var files = Files.list(Path.of(folder.getPath()))) { // unpacked jars
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> LIBRARY.matcher(name).matches())
                    .sorted()
                    .toList();
        }
    }

    @SuppressWarnings("restricted")
    private static void open(Path library) {
        try {
            System.load(library.toAbsolutePath().toString());
        } catch (UnsatisfiedLinkError e) {
            throw new IllegalStateException("PyTorch's native libraries must load here; got " + e.getMessage(), e);
        }
    }
}
