package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImageProcessorTest {
    @TempDir
    private Path folder;

    @Test
    void numbersAreThoseOfTransformers() throws Exception {
        JsonNode configs = JsonMapper.shared().readTree(GoldenImages.bytes("processors.json"));
        Map<String, RgbImage> images = GoldenImages.images("processors.npz");
        Map<String, float[]> golden = GoldenImages.floats("processors.npz");
        for (Map.Entry<String, JsonNode> config : configs.properties()) {
            ImageProcessor processor = processor(config.getValue().toString());
            for (String title : new String[] {"wide", "tall"}) {
                String name = config.getKey() + "-" + title;
                PixelValues values = processor.process(Objects.requireNonNull(images.get("in-" + title)));
                float[] every = every(values, name.contains("default") ? 16 : 1);
                assertThat(every).as(name).containsExactly(Objects.requireNonNull(golden.get(name)), within(1e-6f));
            }
        }
        assertThat(golden).hasSize(26);
    }

    private static float[] every(PixelValues values, int stride) {
        int rows = (values.height() + stride - 1) / stride;
        int columns = (values.width() + stride - 1) / stride;
        float[] some = new float[3 * rows * columns];
        for (int i = 0; i < some.length; i++) {
            int row = i / columns % rows * stride;
            int column = i % columns * stride;
            some[i] = values.values()[(i / (rows * columns) * values.height() + row) * values.width() + column];
        }
        return some;
    }

    @Test
    void clipMakesSquaresOf224() throws Exception {
        PixelValues values = processor("{\"image_processor_type\": \"CLIPImageProcessor\"}")
                .process(new RgbImage(3, 7, new byte[63]));

        assertThat(values.height()).isEqualTo(224);
        assertThat(values.width()).isEqualTo(224);
        assertThat(values.values()).hasSize(3 * 224 * 224);
        assertThat(values.values()[0]).isCloseTo((float) (-0.48145466 / 0.26862954), within(1e-6f));
    }

    @Test
    void aPictureTooLongToResizeIsRefused() throws Exception {
        ImageProcessor clip = processor("{\"image_processor_type\": \"CLIPImageProcessor\"}");

        assertThatThrownBy(() -> clip.process(new RgbImage(1, 60_000, new byte[180_000])))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("100,000,000 pixels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1]|must be a JSON object",
                "{|must be JSON",
                "{}|must name its class as image_processor_type; got none",
                "{\"image_processor_type\": 3}|must name its class as image_processor_type; got 3",
                "{\"image_processor_type\": \"BitImageProcessor\"}|or ViTImageProcessor; got BitImageProcessor",
                "{\"image_processor_type\": \"BlipImageProcessor\"}|got BlipImageProcessor",
                "{\"image_processor_type\": \"ViTImageProcessor\", \"size\": {\"shortest_edge\": 3}}|size must be a number or {height, width}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": \"224\"}|size must be a number, {shortest_edge} or {height, width}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": 0}|size must be a whole number of pixels from 1 to 4096; got 0",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": 99999999999}|from 1 to 4096; got 99999999999",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"crop_size\": {\"height\": 3.5, \"width\": 3}}|crop_size.height must be",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"resample\": 9}|resample: a filter must be a number of Pillow's from 0 to 5; got 9",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"resample\": \"bicubic\"}|resample must be",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"do_resize\": 1}|do_resize must be true or false; got 1",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"do_convert_rgb\": \"no\"}|do_convert_rgb must be true or false",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"image_mean\": [0, 1]}|image_mean must be a list of three numbers; got [0,1]",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"image_std\": [1, 0, 1]}|image_std must be other than 0",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"rescale_factor\": \"1/255\"}|rescale_factor must be a number",
            })
    void wrongSettingsAreOneLine(String json, String message) throws Exception {
        assertThatThrownBy(() -> processor(json))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.resolve("preprocessor_config.json") + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void aMissingFileIsOneLine() {
        assertThatThrownBy(() -> ImageProcessor.read(folder.resolve("none.json")))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("got nothing at this path");
    }

    private ImageProcessor processor(String json) throws Exception {
        return ImageProcessor.read(Files.writeString(folder.resolve("preprocessor_config.json"), json));
    }
}
