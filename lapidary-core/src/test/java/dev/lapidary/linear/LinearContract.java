package dev.lapidary.linear;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** What every form of a linear layer must hold to, whatever it is. */
public final class LinearContract {
    private static final long[][] SHAPES = {{12, 16}, {48, 32}, {16, 48}};
    private static final double STEP = 1e-4;

    private final LinearKind kind;
    private final long out;
    private final long in;

    private LinearContract(LinearKind kind, long out, long in) {
        this.kind = kind;
        this.out = out;
        this.in = in;
    }

    /** Returns the tests of all kinds on the class path. */
    public static Stream<DynamicNode> ofAll() {
        return LinearKind.all().stream().map(kind -> DynamicContainer.dynamicContainer(kind.name(), of(kind)));
    }

    private static Stream<DynamicNode> of(LinearKind kind) {
        return Arrays.stream(SHAPES).map(shape -> {
            LinearContract contract = new LinearContract(kind, shape[0], shape[1]);
            return DynamicContainer.dynamicContainer(Arrays.toString(shape), contract.tests());
        });
    }

    private Stream<DynamicTest> tests() {
        return Stream.of(
                DynamicTest.dynamicTest("the product is that of the materialised weight", this::products),
                DynamicTest.dynamicTest("gradients are those of finite differences", this::gradients),
                DynamicTest.dynamicTest("bytes are those of what is stored", this::bytes),
                DynamicTest.dynamicTest("what is read is what was stored", this::reading),
                DynamicTest.dynamicTest("what a training changed is stored", this::training),
                DynamicTest.dynamicTest("rounded values are stored as the same bytes again", this::rounding),
                DynamicTest.dynamicTest("other settings and tensors are refused", this::malformed),
                DynamicTest.dynamicTest("a replica reads the same memory and gathers its own gradient", this::replica),
                DynamicTest.dynamicTest("the weight that it began with is the caller's", this::copying),
                DynamicTest.dynamicTest("packed rows are those of the materialised weight", this::packing),
                DynamicTest.dynamicTest("no native memory is left", this::nothingIsLeft));
    }

    private void withForm(ScalarType type, Consumer<LinearForm> test) {
        try (TorchScope scope = TorchScope.open();
                LinearForm form = kind.approximate(gaussians(type, 1, out, in))) {
            test.accept(form);
        }
    }

    private void products() {
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.Double)) {
            withForm(type, form -> {
                assertThat(form.kind()).isEqualTo(kind.name());
                assertThat(List.of(form.out(), form.in())).containsExactly(out, in);
                double rounding = type == ScalarType.Float ? 0x1p-20 : 0x1p-48;
                requireProduct(form, type, null, Products.F32, rounding);
                requireProduct(form, type, gaussians(type, 3, out), Products.F32, rounding);
            });
        }
        withForm(ScalarType.Float, form -> {
            requireProduct(form, ScalarType.Float, null, Products.BF16, 0x1p-6);
            requireProduct(form, ScalarType.Float, gaussians(ScalarType.Float, 3, out), Products.BF16, 0x1p-6);
        });
    }

    /** Rounding errors add up over the inputs, each in proportion to the largest input and weight. */
    private void requireProduct(
            LinearForm form, ScalarType type, @Nullable Tensor bias, Products products, double rounding) {
        Tensor x = gaussians(type, 2, 2, 5, in);
        Tensor y = form.product(x, bias, products);
        Tensor weight = form.materialise().detach();

        assertThat(Tensors.shape(weight)).containsExactly(out, in);
        assertThat(Tensors.shape(y)).containsExactly(2, 5, out);
        assertThat(y.scalar_type().intern()).isEqualTo(type);
        assertThat(weight.scalar_type().intern()).isEqualTo(type);
        double largest = weight.abs().max().item_double();
        assertThat(largest).isPositive();
        double most = rounding * in * x.abs().max().item_double() * largest;
        Tensor expected = Products.F32.linear(x.to(ScalarType.Double), weight.to(ScalarType.Double), null);
        Tensor sum = bias == null ? expected : expected.add(bias.to(ScalarType.Double));
        assertThat(Tensors.toDoubles(y)).containsExactly(Tensors.toDoubles(sum), within(most));
    }

    private void gradients() {
        withForm(ScalarType.Double, form -> {
            Tensor x = gaussians(ScalarType.Double, 2, 3, in).set_requires_grad(true);
            Tensor bias = gaussians(ScalarType.Double, 3, out).set_requires_grad(true);
            SequencedMap<String, Tensor> inputs = new LinkedHashMap<>(form.parameters());
            assertThat(inputs).isNotEmpty();
            inputs.values().forEach(tensor -> tensor.set_requires_grad(true));
            inputs.put("x", x);
            inputs.put("bias", bias);
            loss(form, x, bias).backward();
            inputs.forEach((name, tensor) -> requireSlope(name, tensor, () -> loss(form, x, bias)));
            Tensor direction = gaussians(ScalarType.Double, 5, out, in);
            form.parameters().values().forEach(tensor -> tensor.mutable_grad().reset());
            form.materialise().mul(direction).sum().backward();
            form.parameters()
                    .forEach((name, tensor) -> requireSlope(
                            name,
                            tensor,
                            () -> form.materialise().mul(direction).sum()));
        });
    }

    private Tensor loss(LinearForm form, Tensor x, Tensor bias) {
        return form.product(x, bias, Products.F32)
                .mul(gaussians(ScalarType.Double, 4, 3, out))
                .sum();
    }

    /** Compares the gradient of some elements with central differences. */
    private static void requireSlope(String name, Tensor tensor, Supplier<Tensor> loss) {
        double[] gradient = Tensors.toDoubles(tensor.grad());
        double[] values = Tensors.toDoubles(tensor);
        assertThat(Arrays.stream(gradient).map(Math::abs).max().orElseThrow()).isGreaterThan(1e-3);
        for (int i = 0; i < values.length; i += Math.max(1, values.length / 11)) {
            double above = at(tensor, values, i, values[i] + STEP, loss);
            double below = at(tensor, values, i, values[i] - STEP, loss);
            assertThat(gradient[i])
                    .as(name + " " + i)
                    .isCloseTo((above - below) / (2 * STEP), within(1e-6 * Math.max(1, Math.abs(gradient[i]))));
        }
    }

    private static double at(Tensor tensor, double[] values, int index, double value, Supplier<Tensor> loss) {
        try (TorchScope scope = TorchScope.open();
                NoGradGuard off = new NoGradGuard()) {
            double[] moved = values.clone();
            moved[index] = value;
            tensor.copy_(Tensors.of(moved, Tensors.shape(tensor)));
            double result = loss.get().item_double();
            tensor.copy_(Tensors.of(values, Tensors.shape(tensor)));
            return result;
        }
    }

    private void bytes() {
        withForm(ScalarType.Float, form -> {
            for (DType type : List.of(DType.F64, DType.F32, DType.F16, DType.BF16)) {
                StoredLinear stored = form.store(type);
                long bytes = stored.tensors().values().stream()
                        .mapToLong(view -> view.data().byteSize())
                        .sum();
                assertThat(form.bytes(type)).isEqualTo(bytes).isPositive();
                assertThat(stored.kind()).isEqualTo(kind.name());
                assertThat(List.of(stored.out(), stored.in())).containsExactly(out, in);
            }
            assertThat(form.multiplyAdds()).isPositive();
        });
    }

    private void reading() {
        withForm(ScalarType.Float, form -> requireEqualRead(form, DType.F32));
        withForm(ScalarType.Double, form -> requireEqualRead(form, DType.F64));
    }

    private void requireEqualRead(LinearForm form, DType type) {
        StoredLinear stored = form.store(type);
        try (LinearForm read = LinearKind.of(form.kind()).read(stored)) {
            assertThat(Tensors.toDoubles(read.materialise())).isEqualTo(Tensors.toDoubles(form.materialise()));
            assertThat(read.parameters().keySet()).isEqualTo(form.parameters().keySet());
            read.parameters()
                    .forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor))
                            .as(name)
                            .isEqualTo(Tensors.toDoubles(
                                    requireNonNull(form.parameters().get(name)))));
            assertThat(read.bytes(type)).isEqualTo(form.bytes(type));
            assertThat(read.multiplyAdds()).isEqualTo(form.multiplyAdds());
            requireSame(read.store(type), stored);
        }
    }

    private void training() {
        withForm(ScalarType.Float, form -> {
            double[] before = Tensors.toDoubles(form.materialise());
            form.parameters().values().forEach(tensor -> {
                tensor.set_requires_grad(true);
                tensor.detach().add_(gaussians(ScalarType.Float, 6, Tensors.shape(tensor)));
            });
            double[] after = Tensors.toDoubles(form.materialise());
            assertThat(after).isNotEqualTo(before);
            try (LinearForm read = kind.read(form.store(DType.F32))) {
                assertThat(Tensors.toDoubles(read.materialise())).isEqualTo(after);
            }
        });
    }

    private void rounding() {
        for (DType type : List.of(DType.F16, DType.BF16)) {
            withForm(ScalarType.Float, form -> {
                StoredLinear stored = form.store(type);
                try (LinearForm read = kind.read(stored)) {
                    double largest = form.materialise().detach().abs().max().item_double();
                    assertThat(Tensors.toDoubles(read.materialise()))
                            .containsExactly(Tensors.toDoubles(form.materialise()), within(largest * 0x1p-3));
                    requireSame(read.store(type), stored);
                }
            });
        }
    }

    private static void requireSame(StoredLinear got, StoredLinear expected) {
        assertThat(got.settings()).isEqualTo(expected.settings());
        assertThat(got.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        expected.tensors().forEach((name, view) -> {
            TensorView other = requireNonNull(got.tensors().get(name));
            assertThat(other.dtype()).isEqualTo(view.dtype());
            assertThat(other.shape()).isEqualTo(view.shape());
            assertThat(other.data().mismatch(view.data())).as(name).isEqualTo(-1);
        });
    }

    private void malformed() {
        withForm(ScalarType.Float, form -> {
            StoredLinear stored = form.store(DType.F32);
            for (String name : stored.tensors().keySet()) {
                refused(stored, tensors -> tensors.remove(name));
                refused(stored, tensors -> tensors.put(name, TensorView.of(name, new float[1], 1)));
            }
            refused(stored, tensors -> tensors.put("other", TensorView.of("other", new float[1], 1)));
            for (String name : stored.settings().keySet()) {
                TreeMap<String, String> settings = new TreeMap<>(stored.settings());
                settings.put(name, "?");
                refused(new StoredLinear(stored.kind(), out, in, settings, stored.tensors()));
                settings.remove(name);
                refused(new StoredLinear(stored.kind(), out, in, settings, stored.tensors()));
            }
            refused(new StoredLinear(stored.kind(), out + 16, in, stored.settings(), stored.tensors()));
            refused(new StoredLinear(stored.kind(), out, in + 16, stored.settings(), stored.tensors()));
        });
    }

    private void refused(StoredLinear stored, Consumer<SequencedMap<String, TensorView>> change) {
        SequencedMap<String, TensorView> tensors = new LinkedHashMap<>(stored.tensors());
        change.accept(tensors);
        refused(new StoredLinear(stored.kind(), out, in, stored.settings(), tensors));
    }

    private void refused(StoredLinear stored) {
        assertThatThrownBy(() -> kind.read(stored).close())
                .isInstanceOf(InputException.class)
                .message()
                .contains("must", "got")
                .doesNotContain("\n");
    }

    private void replica() {
        withForm(ScalarType.Float, form -> {
            form.parameters().values().forEach(tensor -> tensor.set_requires_grad(true));
            Tensor x = gaussians(ScalarType.Float, 2, 3, in);
            try (LinearForm replica = form.replica()) {
                replica.product(x, null, Products.F32).sum().backward();
                form.parameters().forEach((name, tensor) -> {
                    Tensor other = requireNonNull(replica.parameters().get(name));
                    assertThat(tensor.grad().defined()).isFalse();
                    assertThat(other.grad().defined()).isTrue();
                    assertThat(other.is_leaf()).isTrue();
                    assertThat(other.data_ptr().address())
                            .isEqualTo(tensor.data_ptr().address());
                });
                requireSame(replica.store(DType.F32), form.store(DType.F32));
            }
            form.parameters()
                    .values()
                    .forEach(tensor -> assertThat(tensor.isNull()).isFalse());
        });
        withForm(ScalarType.Float, form -> {
            try (LinearForm replica = form.replica()) {
                replica.parameters()
                        .values()
                        .forEach(tensor -> assertThat(tensor.requires_grad()).isFalse());
            }
        });
    }

    private void copying() {
        try (TorchScope scope = TorchScope.open()) {
            Tensor weight = gaussians(ScalarType.Float, 1, out, in).set_requires_grad(true);
            float[] before = Tensors.toFloats(weight);
            try (LinearForm form = kind.approximate(weight)) {
                double[] materialised = Tensors.toDoubles(form.materialise());
                assertThat(Tensors.toFloats(weight)).isEqualTo(before);
                form.parameters()
                        .values()
                        .forEach(tensor -> assertThat(tensor.requires_grad()).isFalse());
                weight.detach().fill_(new Scalar(0f));
                assertThat(Tensors.toDoubles(form.materialise())).isEqualTo(materialised);
            }
        }
    }

    private void packing() {
        withForm(ScalarType.Float, form -> {
            float[] weight = Tensors.toFloats(form.materialise());
            try (Arena arena = Arena.ofConfined()) {
                form.pack(WeightType.F32, arena).ifPresent(matrix -> requireRows(matrix, weight, arena));
            }
        });
    }

    private void requireRows(WeightMatrix matrix, float[] weight, Arena arena) {
        assertThat(List.of((long) matrix.rows(), (long) matrix.columns())).containsExactly(out, in);
        MemorySegment row = arena.allocate(4L * in, 64);
        for (int i = 0; i < out; i++) {
            matrix.row(i, row);
            assertThat(row.toArray(ValueLayout.JAVA_FLOAT))
                    .isEqualTo(Arrays.copyOfRange(weight, (int) (i * in), (int) ((i + 1) * in)));
        }
    }

    private void nothingIsLeft() {
        use();
        long before = Pointer.totalCount();
        for (int i = 0; i < 3; i++) {
            use();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    /** Everything that a form does, outside of any scope where that is allowed. */
    private void use() {
        LinearForm form;
        try (TorchScope scope = TorchScope.open()) {
            form = kind.approximate(gaussians(ScalarType.Float, 1, out, in));
        }
        try (form;
                LinearForm replica = form.replica();
                Arena arena = Arena.ofConfined()) {
            form.pack(WeightType.BF16, arena);
            long open;
            try (TorchScope scope = TorchScope.open()) {
                form.materialise();
            }
            form.parameters().values().forEach(tensor -> tensor.set_requires_grad(true));
            step(form);
            open = Pointer.totalCount();
            step(form);
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(open);
            form.parameters()
                    .values()
                    .forEach(tensor -> assertThat(tensor.isNull()).isFalse());
            replica.parameters()
                    .values()
                    .forEach(tensor -> assertThat(tensor.isNull()).isFalse());
        }
        form.parameters()
                .values()
                .forEach(tensor -> assertThat(tensor.isNull()).as("freed").isTrue());
        form.close();
    }

    private void step(LinearForm form) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor x = gaussians(ScalarType.Float, 2, 3, in);
            form.product(x, gaussians(ScalarType.Float, 3, out), Products.BF16);
            form.product(x, null, Products.F32).sum().backward();
            form.materialise();
            kind.read(form.store(DType.F16)).close();
        }
    }

    private static Tensor gaussians(ScalarType type, long seed, long... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        double[] values = new double[(int) count];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Tensors.of(values, shape).to(type);
    }
}
