package dev.lapidary.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.runtime.packed.PackedWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelFileTest {
    private static final int[] TEXT = SmallDecoders.tokens(20, 1);

    @TempDir
    private Path folder;

    /** Writes a model, all of it or, with a base, its blocks' matrices only. */
    private Path write(String name, ModelFamily family, boolean sparse, @Nullable String base) throws IOException {
        ModelConfig config = SmallDecoders.config(family);
        Path file = folder.resolve(name);
        try (var weights = new SmallDecoders.RandomWeights(config, WeightType.BF16, sparse)) {
            PackedWriter.write(file, writer -> {
                writer.config(ConfigCodec.write(config));
                if (base != null) {
                    writer.base(base);
                }
                for (var parameter : ParameterLayout.shapes(config).entrySet()) {
                    boolean matrix = parameter.getValue().size() == 2;
                    if (matrix && (base == null || parameter.getKey().contains("_proj"))) {
                        writer.matrix(parameter.getKey(), weights.matrix(parameter.getKey()));
                    } else if (!matrix && base == null) {
                        writer.vector(parameter.getKey(), MemorySegment.ofArray(weights.vector(parameter.getKey())));
                    }
                }
            });
        }
        return file;
    }

    private static float[] logits(Model model) {
        try (Session session = model.newSession(40)) {
            return session.read(TEXT).clone();
        }
    }

    @ParameterizedTest
    @EnumSource(ModelFamily.class)
    void aWrittenModelIsTheOneInMemory(ModelFamily family) throws IOException {
        Path file = write("model", family, true, null);
        try (Model loaded = Model.open(file, 2, PackedFile.Verify.LAZILY);
                Model inMemory = SmallDecoders.model(SmallDecoders.config(family), WeightType.BF16, true, 1)) {
            assertThat(loaded.config()).isEqualTo(inMemory.config());
            assertThat(logits(loaded)).isEqualTo(logits(inMemory));
            assertThatThrownBy(loaded::tokenizer)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must have a tokenizer");
        }
    }

    @Test
    void anAlteredWeightIsRefusedAtOnceOrBeforeItIsUsed() throws IOException {
        Path file = write("model", ModelFamily.LLAMA, true, null);
        String name = "model.layers.1.mlp.up_proj.weight";
        long offset;
        try (PackedFile packed = PackedFile.open(file, PackedFile.Verify.AT_ONCE)) {
            offset = packed.tensors().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .data()
                    .offset();
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) offset] ^= 1;
        Files.write(file, bytes);
        String message = "tensor '" + name + "' at offset " + offset + " must have CRC-32C";

        assertThatThrownBy(() -> Model.open(file, 1, PackedFile.Verify.AT_ONCE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        try (Model lazy = Model.open(file, 1, PackedFile.Verify.LAZILY)) {
            assertThatThrownBy(() -> logits(lazy))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void aFileThatIsShortenedBetweenTwoTokensIsRefused() throws IOException {
        Path file = write("model", ModelFamily.LLAMA, true, null);
        try (Model model = Model.open(file, 1, PackedFile.Verify.LAZILY);
                Session session = model.newSession(40)) {
            session.read(TEXT);
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(4096);
            }
            assertThatThrownBy(() -> session.read(new int[] {1}))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(file + " must not be cut off while the file is in use; the file is now 4096");
        }
    }

    @Test
    void aConfigOfAnotherShapeIsRefusedBeforeMemoryIsTaken() throws IOException {
        ModelConfig config = SmallDecoders.config(ModelFamily.LLAMA);
        String wide = ConfigCodec.write(config).replace("\"headWidth\":" + config.headWidth(), "\"headWidth\":4194304");
        Path file = folder.resolve("wide");
        try (var weights = new SmallDecoders.RandomWeights(config, WeightType.BF16, false)) {
            PackedWriter.write(file, writer -> {
                writer.config(wide);
                for (var parameter : ParameterLayout.shapes(config).entrySet()) {
                    if (parameter.getValue().size() == 2) {
                        writer.matrix(parameter.getKey(), weights.matrix(parameter.getKey()));
                    } else {
                        writer.vector(parameter.getKey(), MemorySegment.ofArray(weights.vector(parameter.getKey())));
                    }
                }
            });
        }
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> Model.open(file, 1, PackedFile.Verify.LAZILY))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": tensor 'model.layers.0.self_attn.q_proj.weight' at offset ")
                .hasMessageContaining("must have shape [" + config.heads() * 4194304);
        // the frequencies of such heads alone are 16 MiB
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L << 20);
    }

    @Test
    void masksShareOneBase() throws IOException {
        Path dense = write("dense", ModelFamily.LLAMA, false, null);
        Path whole = write("whole", ModelFamily.LLAMA, true, null);
        try (Model base = Model.open(dense, 1, PackedFile.Verify.LAZILY);
                Model sparse = Model.open(whole, 1, PackedFile.Verify.LAZILY)) {
            Path mask = write("mask", ModelFamily.LLAMA, true, base.digest());
            Path other = write("other", ModelFamily.LLAMA, true, sparse.digest());
            float[] before = logits(base);
            Model view = base.withMask(mask);
            try (Model second = base.withMask(mask)) {
                assertThat(logits(second)).isEqualTo(logits(sparse));
            }

            assertThat(logits(view)).isEqualTo(logits(sparse));
            assertThat(logits(base)).isEqualTo(before).isNotEqualTo(logits(view));
            assertThatThrownBy(() -> base.withMask(other))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the base must have digest " + sparse.digest());
            assertThatThrownBy(() -> base.withMask(whole)).hasMessageContaining("must name its base");
            base.close();
            assertThatThrownBy(view::newSession).isInstanceOf(IllegalStateException.class);
        }
        assertThat(Files.size(dense)).isPositive();
    }

    @Test
    void configsComeBackFromTheirText() {
        List<ModelConfig> configs = new ArrayList<>();
        for (ModelFamily family : ModelFamily.values()) {
            configs.add(SmallDecoders.config(family));
        }
        configs.add(scaled(new RotaryScaling.Linear(2.5)));
        configs.add(scaled(new RotaryScaling.Llama3(8, 1, 4, 8192)));
        configs.add(ModelConfig.llama(5, 8, 1, 2, 3));
        for (ModelConfig config : configs) {
            assertThat(ConfigCodec.read("test", ConfigCodec.write(config))).isEqualTo(config);
        }
    }

    private static ModelConfig scaled(RotaryScaling scaling) {
        ModelConfig plain = SmallDecoders.config(ModelFamily.LLAMA);
        return new ModelConfig(
                plain.family(),
                plain.vocabulary(),
                plain.width(),
                plain.layers(),
                plain.heads(),
                plain.keyValueHeads(),
                plain.headWidth(),
                plain.mlpWidth(),
                plain.context(),
                plain.trainedContext(),
                1e-6,
                Activation.RELU,
                500_000,
                scaling,
                true,
                true,
                false,
                true,
                plain.beginToken(),
                List.of(2, 96));
    }

    @Test
    void refusesConfigsThatAreNone() {
        String good = ConfigCodec.write(SmallDecoders.config(ModelFamily.LLAMA));
        assertRefused(good.replace("\"heads\":4", "\"heads\":5"), "file: heads must be a multiple");
        assertRefused(
                good.replace("{", "{\"scale\":2,"),
                "file: must have no member that this version does not know; got scale");
        assertRefused(good.replace("\"layers\":2,", ""), "file: layers must be a whole number; got nothing");
        assertRefused(good.replace("\"layers\":2", "\"layers\":-2"), "got -2");
        assertRefused(good.replace("LlamaForCausalLM", "Bert"), "got Bert");
        assertRefused(
                good.replace("\"none\"", "\"yarn\""),
                "file: rotaryScaling must be none, linear, llama3 or divided; got yarn");
        assertRefused(good.replace("\"none\"", "\"linear\""), "rotaryFactor must be a number; got nothing");
        assertRefused(good.replace("[2]", "[-2]"), "endTokens must be token ids; got -2");
        assertRefused("{", "file");
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> ConfigCodec.read("file", json))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
