package dev.lapidary.encode;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageProcessor;
import dev.lapidary.image.PixelValues;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Runs the network of an image encoder.
 *
 * <p>Shapes, float32: pixel_values [b, 3, h, w]; the network's answer [b, d], scaled to length 1 here.
 */
final class OnnxVisionModel implements AutoCloseable {
    static final String INPUT = "pixel_values";
    static final int COLOURS = 3;
    private static final String SHAPE = "pixel_values [images, 3, height, width]";

    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final OrtSession session;
    private final ClipFolder folder;
    private final ImageProcessor.Size size;
    private final boolean oneByOne;
    private final int width;

    private OnnxVisionModel(OrtSession session, ClipFolder folder, ImageProcessor.Size size) throws OrtException {
        this.session = session;
        this.folder = folder;
        this.size = size;
        long[] axes = inputAxes(session, folder);
        this.oneByOne = axes[0] == 1;
        requireSide(axes[2], size.height());
        requireSide(axes[3], size.width());
        this.width = width(session, folder);
    }

    /**
     * Opens a model for a number of threads.
     *
     * @param size of every image
     */
    static OnnxVisionModel open(ClipFolder folder, ImageProcessor.Size size, int threads) {
        return OnnxSessions.open(folder.vision(), threads, session -> new OnnxVisionModel(session, folder, size));
    }

    private static long[] inputAxes(OrtSession session, ClipFolder folder) throws OrtException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        if (inputs.size() != 1
                || !inputs.containsKey(INPUT)
                || OnnxSessions.rank(Objects.requireNonNull(inputs.get(INPUT))) != 4) {
            throw new InputException(
                    folder.vision() + ": the only input must be float32 " + SHAPE + "; got " + inputs.values());
        }
        long[] axes = ((TensorInfo) Objects.requireNonNull(inputs.get(INPUT)).getInfo()).getShape();
        if (axes[0] > 1 || (axes[1] > 0 && axes[1] != COLOURS)) {
            throw new InputException(folder.vision() + ": the input must be " + SHAPE
                    + " with any number of images, or 1; got " + Arrays.toString(axes));
        }
        return axes;
    }

    private void requireSide(long axis, int side) {
        if (axis > 0 && axis != side) {
            throw new InputException(folder.preprocessor() + ": images must get the side that " + folder.vision()
                    + " takes, " + axis + " pixels; got " + side);
        }
    }

    private static int width(OrtSession session, ClipFolder folder) throws OrtException {
        String output = folder.kind().imageOutput();
        NodeInfo info = session.getOutputInfo().get(output);
        if (info == null || OnnxSessions.rank(info) != 2) {
            throw new InputException(folder.vision() + ": outputs must be float32 " + output + " [images, width]; got "
                    + session.getOutputInfo().values());
        }
        long last = ((TensorInfo) info.getInfo()).getShape()[1];
        return last > 0 ? Math.toIntExact(last) : folder.width();
    }

    int width() {
        return width;
    }

    /** Embeds images, [n, d]; the caller closes the matrix. */
    EmbeddingMatrix embed(List<PixelValues> images) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(images.size(), width);
        try {
            int batch = oneByOne ? 1 : Math.max(1, images.size());
            for (int start = 0; start < images.size(); start += batch) {
                embed(images.subList(start, Math.min(start + batch, images.size())), start, matrix);
            }
            return matrix;
        } catch (RuntimeException | Error e) {
            matrix.close();
            throw e;
        }
    }

    private void embed(List<PixelValues> images, int firstRow, EmbeddingMatrix matrix) {
        String output = folder.kind().imageOutput();
        try (Arena arena = Arena.ofConfined();
                OnnxTensor pixels = tensor(environment, images, size, arena);
                OrtSession.Result result = session.run(Map.of(INPUT, pixels), Set.of(output))) {
            store((OnnxTensor) result.get(0), images.size(), firstRow, matrix);
        } catch (OrtException e) {
            throw new InputException(
                    folder.vision() + ": the model must run on images of " + size + " pixels; got "
                            + TokenizerFile.line(e),
                    e);
        }
    }

    /** The pixels of images, [b, 3, h, w], in memory of the arena. */
    static OnnxTensor tensor(
            OrtEnvironment environment, List<PixelValues> images, ImageProcessor.Size size, Arena arena)
            throws OrtException {
        int values = COLOURS * size.height() * size.width();
        FloatBuffer all = arena.allocate((long) images.size() * values * Float.BYTES, Long.BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (PixelValues image : images) {
            if (image.height() != size.height() || image.width() != size.width()) {
                throw new IllegalArgumentException(
                        "images must have " + size + " pixels; got " + image.width() + " x " + image.height());
            }
            all.put(image.values());
        }
        long[] shape = {images.size(), COLOURS, size.height(), size.width()};
        return OnnxTensor.createTensor(environment, all.flip(), shape);
    }

    private void store(OnnxTensor answer, int images, int firstRow, EmbeddingMatrix matrix) {
        long[] shape = answer.getInfo().getShape();
        long[] expected = {images, width};
        if (answer.getInfo().type != OnnxJavaType.FLOAT || !Arrays.equals(shape, expected)) {
            throw new InputException(folder.vision() + ": output "
                    + folder.kind().imageOutput() + " must have shape " + Arrays.toString(expected) + "; got "
                    + Arrays.toString(shape));
        }
        FloatBuffer values = answer.getFloatBuffer();
        float[] row = new float[width];
        for (int b = 0; b < images; b++) {
            values.get(b * width, row);
            OnnxSessions.finish(folder.vision(), row, true);
            matrix.set(firstRow + b, row);
        }
    }

    @Override
    public void close() {
        OnnxSessions.close(folder.vision(), session);
    }
}
