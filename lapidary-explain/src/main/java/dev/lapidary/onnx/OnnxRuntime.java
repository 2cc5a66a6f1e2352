package dev.lapidary.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.PackagedFiles;
import dev.lapidary.runtime.file.ProcessEnvironment;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares ONNX Runtime, the native library that runs encoders.
 *
 * <p>Left alone, ONNX Runtime unpacks 28 MB into the temporary folder at every start (0.7 s against 0.2 s here); this keeps them in
 * the cache.
 */
public final class OnnxRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntime.class);
    private static final String PATH = "onnxruntime.native.path";

    private OnnxRuntime() {}

    /** Holds what must happen once. */
    private static final class Holder {
        static final OrtEnvironment ENVIRONMENT = create();

        private static OrtEnvironment create() {
            if (System.getProperty(PATH) == null) {
                unpack();
            }
            // must come first: its telemetry reads the command line with a recursive pattern, which overflows the
            // stack, and ends
            // the process, where a class path has a few thousand letters
            ProcessEnvironment.setDefault("ORT_DISABLE_TELEMETRY", "1");
            OrtEnvironment environment =
                    OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "lapidary");
            try {
                environment.setTelemetry(false);
            } catch (OrtException e) {
                LOG.debug("ONNX Runtime has no telemetry to turn off: {}", e.getMessage());
            }
            return environment;
        }
    }

    /** Returns the one environment of this process, with no telemetry and only errors logged. */
    public static OrtEnvironment environment() {
        return Holder.ENVIRONMENT;
    }

    /** Returns ONNX Runtime's version, such as 1.29.0, after loading it. */
    public static String version() {
        return environment().getVersion();
    }

    private static void unpack() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        String platform = system.startsWith("linux")
                ? (arm ? "linux-aarch64" : "linux-x64")
                : system.startsWith("mac") ? "osx-aarch64" : "win-x64";
        try {
            URL library = resource(platform, "onnxruntime");
            URL bridge = resource(platform, "onnxruntime4j_jni");
            if (library == null || bridge == null) {
                return;
            }
            Path folder = CacheFolder.sub("native/onnxruntime-" + PackagedFiles.fingerprint(library) + "-"
                    + PackagedFiles.fingerprint(bridge));
            PackagedFiles.place(library, folder.resolve(System.mapLibraryName("onnxruntime")));
            PackagedFiles.place(bridge, folder.resolve(System.mapLibraryName("onnxruntime4j_jni")));
            System.setProperty(PATH, folder.toString());
        } catch (IOException e) {
            LOG.warn("ONNX Runtime will unpack itself to the temporary folder: {}", e.toString());
        }
    }

    private static @Nullable URL resource(String platform, String name) {
        return OrtEnvironment.class.getResource(
                "/ai/onnxruntime/native/" + platform + "/" + System.mapLibraryName(name));
    }
}
