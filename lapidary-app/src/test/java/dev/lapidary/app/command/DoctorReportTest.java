package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.torch.TorchLibraries;
import dev.lapidary.torch.check.Finding;
import dev.lapidary.torch.check.OperationCheck;
import dev.lapidary.work.MachineFacts;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the report says of machines that this one is not. */
class DoctorReportTest {
    private static final Finding RIGHT = new Finding(10, 0, 1e-7, 1e-6, "output 1 of a case");
    private static final Finding WRONG = new Finding(10, 3, 0.5, 1e-6, "gradient of weight of a case");
    private static final OperationCheck BROKEN = OperationCheck.of("bmm", "bf16", WRONG);
    private static final OperationCheck REPLACED =
            OperationCheck.of("conv2d", "f32", WRONG).withFallback("products", RIGHT);
    private static final TorchLibraries TORCH =
            new TorchLibraries("2.10.0", "AVX512", "MKL-DNN v3.7.1", "OpenMP 4.5", "OpenBLAS 0.3.31", "Zen", 1, 2);
    private static final LibraryFacts LIBRARIES = new LibraryFacts(loaded(TORCH), loaded("1.29.0"), loaded("0.21.0"));
    private static final MachineFacts MACHINE = new MachineFacts(
            "EPYC", 2, List.of("avx2", "avx512f"), true, Map.of(), 8L << 30, 2L << 30, "Linux 6, amd64", "25");
    private static final FolderFacts CACHE = new FolderFacts("cache", Path.of("/cache"), 50L << 30, true);

    private static <T> LibraryFacts.Loaded<T> loaded(T library) {
        return new LibraryFacts.Loaded<>(Optional.of(library), "");
    }

    private static DoctorReport report(LibraryFacts libraries, FolderFacts folder, OperationCheck... checks) {
        return new DoctorReport(
                "0.1.0",
                MACHINE,
                libraries,
                Map.of("OMP_NUM_THREADS", "3"),
                25e9,
                1e11,
                List.of(folder),
                List.of(checks),
                4);
    }

    @Test
    void allIsWellWhereEveryOperationInUseIsRight() {
        DoctorReport report = report(LIBRARIES, CACHE, OperationCheck.of("linear", "f32", RIGHT), REPLACED);

        assertThat(report.healthy()).isTrue();
        assertThat(report.warnings())
                .contains(
                        "conv2d in f32 is wrong in PyTorch here; a fallback is used, which is right and may be slower");
        assertThat(new DoctorView(report).text())
                .contains(
                        "EPYC, 2 cores",
                        "sizes not told by the hypervisor",
                        "0.3.31; kernels of Zen",
                        "OMP_NUM_THREADS=3",
                        "25.0 GB/s read",
                        "100 Gflop/s",
                        "/cache, 53.7 GB free",
                        "wrong, fallback products right",
                        "No problem found in 4.0 s.");
    }

    @Test
    void anOperationThatIsWrongWithoutFallbackIsAProblem() {
        DoctorReport report = report(LIBRARIES, CACHE, REPLACED, BROKEN);

        assertThat(report.problems())
                .containsExactly("bmm in bf16 is wrong here in 3 of 10 cases, without a fallback that is right: "
                        + "gradient of weight of a case is off by 5.0e-01, tolerance 1.0e-06");
        assertThat(new DoctorView(report).text())
                .contains("\nProblems\n  bmm in bf16")
                .doesNotContain("No problem");
        JsonNode json = new DoctorView(report).json();
        assertThat(json.path("healthy").booleanValue()).isFalse();
        assertThat(json.path("error").stringValue()).startsWith("bmm in bf16 is wrong");
        JsonNode replaced = json.path("operations").get(0);
        assertThat(replaced.path("verdict").stringValue()).isEqualTo("wrong, fallback products right");
        assertThat(replaced.path("own").path("wrong").intValue()).isEqualTo(3);
        assertThat(replaced.path("fallback").path("name").stringValue()).isEqualTo("products");
        assertThat(replaced.path("fallback").path("cases").intValue()).isEqualTo(10);
    }

    @Test
    void aFallbackThatIsWrongIsAProblem() {
        OperationCheck check = OperationCheck.of("conv1d", "f32", WRONG).withFallback("products", WRONG);

        assertThat(report(LIBRARIES, CACHE, check).problems())
                .singleElement()
                .asString()
                .startsWith("conv1d in f32 is wrong");
    }

    @Test
    void librariesAndFoldersThatDoNotWorkAreProblems() {
        LibraryFacts broken = new LibraryFacts(
                LibraryFacts.Loaded.of(() -> {
                    throw new IllegalStateException("PyTorch must load here; got no libgomp");
                }),
                LibraryFacts.Loaded.of(() -> {
                    throw new ExceptionInInitializerError(new IllegalStateException("no libonnxruntime"));
                }),
                loaded("0.21.0"));
        FolderFacts full = new FolderFacts("cache", Path.of("/cache"), 1000, false);

        DoctorReport report = report(broken, full);

        assertThat(report.problems())
                .containsExactly(
                        "PyTorch cannot be loaded: PyTorch must load here; got no libgomp",
                        "ONNX Runtime cannot be loaded: no libonnxruntime",
                        "the cache folder must be writable (LAPIDARY_CACHE names another); got /cache");
        assertThat(report.warnings()).contains("less than 1 GiB is free in /cache (cache)");
        assertThat(new DoctorView(report).text())
                .contains("does not load: PyTorch must load here", "not checked: PyTorch did not load", "25.0 GB/s");
    }

    @Test
    void onlyVariablesThatMatterAreShownAndNoSecret() {
        Map<String, String> all = Map.of(
                "OPENBLAS_CORETYPE", "Haswell",
                "ONEDNN_MAX_CPU_ISA", "AVX2",
                "LAPIDARY_API_KEY", "hidden",
                "COMPANY_NAME", "x",
                "PATH", "/bin");

        assertThat(DoctorReport.environment(all))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "OPENBLAS_CORETYPE", "Haswell", "ONEDNN_MAX_CPU_ISA", "AVX2", "LAPIDARY_API_KEY", "(set)"));
    }

    @Test
    void theCommandEndsWithStatus1WhereAnOperationIsWrong() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        Session session = Session.quiet(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        DoctorCommand command =
                new DoctorCommand(session, () -> LIBRARIES, progress -> List.of(REPLACED, BROKEN, BROKEN));

        int status = new CommandLine(command).execute("--json");

        assertThat(status).isEqualTo(1);
        JsonNode json = JsonMapper.shared().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(json.path("status").intValue()).isEqualTo(1);
        assertThat(json.path("problems").size()).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("lapidary: bmm in bf16 is wrong here")
                .endsWith("; and 1 more");
    }
}
