package dev.lapidary.image;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What make-golden.py wrote with Pillow and NumPy. */
final class GoldenImages {
    private GoldenImages() {}

    static Map<String, RgbImage> images(String file) throws IOException {
        Map<String, RgbImage> images = new LinkedHashMap<>();
        try (TensorFile tensors = TensorFile.open(path(file))) {
            tensors.tensors().forEach((name, tensor) -> {
                if (tensor.dtype().bytes() == 1) {
                    images.put(name, image(tensor));
                }
            });
        }
        return images;
    }

    static Map<String, float[]> floats(String file) throws IOException {
        Map<String, float[]> floats = new LinkedHashMap<>();
        try (TensorFile tensors = TensorFile.open(path(file))) {
            tensors.tensors().forEach((name, tensor) -> {
                if (tensor.dtype().bytes() == Float.BYTES) {
                    floats.put(name, tensor.toFloats());
                }
            });
        }
        return floats;
    }

    private static RgbImage image(TensorView tensor) {
        return new RgbImage(
                Math.toIntExact(tensor.shape().get(0)),
                Math.toIntExact(tensor.shape().get(1)),
                tensor.toBytes());
    }

    static byte[] bytes(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(GoldenImages.class.getResourceAsStream(file), file)) {
            return in.readAllBytes();
        }
    }

    static Path path(String file) {
        try {
            return Path.of(Objects.requireNonNull(GoldenImages.class.getResource(file), file)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
