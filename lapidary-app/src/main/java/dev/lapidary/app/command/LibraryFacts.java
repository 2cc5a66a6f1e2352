package dev.lapidary.app.command;

import dev.lapidary.encode.TokenizerLibrary;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.torch.TorchLibraries;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The native libraries, each loaded or with the reason why not.
 *
 * @param torch PyTorch with the libraries inside it
 * @param onnx version of ONNX Runtime
 * @param tokenizers version of Hugging Face's tokenizers
 */
record LibraryFacts(Loaded<TorchLibraries> torch, Loaded<String> onnx, Loaded<String> tokenizers) {
    /**
     * What a library said, or why it did not load.
     *
     * @param problem one line, empty where it loaded
     */
    record Loaded<T>(Optional<T> library, String problem) {
        /** Loads one. */
        static <T> Loaded<T> of(Supplier<T> load) {
            try {
                return new Loaded<>(Optional.of(load.get()), "");
            } catch (RuntimeException | LinkageError thrown) {
                return new Loaded<>(Optional.empty(), reason(thrown));
            }
        }

        private static String reason(Throwable thrown) {
            Throwable cause = thrown.getCause();
            if (thrown instanceof ExceptionInInitializerError && cause != null) {
                return reason(cause);
            }
            String message = thrown.getMessage();
            return message == null
                    ? thrown.toString()
                    : message.lines().findFirst().orElse(thrown.toString());
        }
    }

    static LibraryFacts here() {
        return new LibraryFacts(
                Loaded.of(TorchLibraries::here), Loaded.of(OnnxRuntime::version), Loaded.of(TokenizerLibrary::version));
    }
}
