package dev.lapidary.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the arrows app -> methods -> core -> explain -> runtime, what each package may know, and how classes are made. */
class ArchitectureTest {
    private static final String ROOT = "dev.lapidary.";

    /**
     * The project's packages that a package may use beside itself and runtime; a key covers its
     * subpackages unless they have an entry of their own. Whoever adds a package adds it here.
     */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("runtime", Set.of()),
            Map.entry("runtime.file", Set.of("runtime", "runtime.kernel")),
            Map.entry("runtime.token", Set.of("runtime", "runtime.file")),
            Map.entry("runtime.kernel", Set.of("runtime")),
            Map.entry("runtime.generate", Set.of("runtime")),
            Map.entry(
                    "runtime.model",
                    Set.of("runtime", "runtime.file", "runtime.kernel", "runtime.token", "runtime.generate")),
            Map.entry("data", Set.of()),
            Map.entry("tokenizer", Set.of()),
            Map.entry("onnx", Set.of()),
            Map.entry("image", Set.of("data")),
            Map.entry("encode", Set.of("data", "onnx", "image", "tokenizer")),
            Map.entry("concept", Set.of()),
            Map.entry("concept.search", Set.of("data")),
            Map.entry("concept.classifier", Set.of("data", "encode", "concept", "concept.search")),
            Map.entry(
                    "concept.explain", Set.of("data", "encode", "concept", "concept.search", "concept.classifier")),
            Map.entry("torch", Set.of("train")),
            Map.entry("relax", Set.of("torch")),
            Map.entry("train", Set.of()),
            Map.entry("synthetic.scene", Set.of("image")),
            Map.entry("linear", Set.of("torch")),
            Map.entry("language", Set.of("torch", "linear", "train", "data", "tokenizer")),
            Map.entry("contrast", Set.of("torch", "relax", "train", "data", "encode", "image", "onnx")),
            Map.entry("concept.vocabulary", Set.of("data", "encode", "concept")),
            Map.entry(
                    "concept.bottleneck",
                    Set.of(
                            "torch",
                            "relax",
                            "train",
                            "data",
                            "encode",
                            "concept",
                            "concept.vocabulary",
                            "concept.search",
                            "concept.classifier")),
            Map.entry(
                    "concept.audit",
                    Set.of("data", "encode", "concept.classifier", "concept.explain", "concept.bottleneck")),
            Map.entry("concept.adapt", Set.of("torch", "relax", "contrast", "concept.bottleneck")),
            Map.entry("sparsity", Set.of("torch", "linear", "relax", "train", "language")),
            Map.entry(
                    "app",
                    Set.of(
                            "torch",
                            "relax",
                            "train",
                            "data",
                            "encode",
                            "image",
                            "synthetic.scene",
                            "contrast",
                            "concept",
                            "concept.vocabulary",
                            "concept.search",
                            "concept.classifier",
                            "concept.bottleneck",
                            "concept.explain",
                            "concept.audit",
                            "concept.adapt",
                            "language",
                            "sparsity")));

    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lapidary");

    private static final ArchRule ARROWS = classes().should(useOnlyAllowedPackages());

    private static final ArchRule VECTORS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.lapidary.runtime.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..")
            .because("every Vector API kernel of the project is in one package");

    /** Native calls and libraries; segments, layouts and arenas are only ways to hold data. */
    private static final DescribedPredicate<JavaClass> NATIVE_CALLS = DescribedPredicate.describe(
            "make native calls",
            type -> type.getPackageName().equals("java.lang.foreign")
                    && (type.getSimpleName().equals("Linker")
                            || type.getSimpleName().equals("SymbolLookup")
                            || type.getSimpleName().equals("FunctionDescriptor")));

    @Test
    void packagesUseOnlyWhatTheirTableEntryAllows() {
        ARROWS.check(PROJECT);
    }

    @Test
    void arrowRuleSeesAForbiddenArrow() {
        var bad = new ClassFileImporter().importClasses(dev.lapidary.runtime.forbidden.KnowsTheApp.class);

        var found = ARROWS.evaluate(bad);

        assertThat(found.getFailureReport().getDetails())
                .singleElement()
                .asString()
                .contains("KnowsTheApp uses dev.lapidary.app.Main", "runtime may use []");
    }

    @Test
    void importSawEveryModule() {
        var packages = PROJECT.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));

        assertThat(packages).contains("dev.lapidary.runtime", "dev.lapidary.data", "dev.lapidary.app");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.lapidary.(**)").should().beFreeOfCycles().check(PROJECT);
    }

    @Test
    void vectorApiIsUsedOnlyInTheKernelPackage() {
        VECTORS.check(PROJECT);
    }

    @Test
    void vectorRuleSeesAForbiddenUse() {
        var bad = new ClassFileImporter().importClasses(dev.lapidary.data.forbidden.UsesVectors.class);

        assertThat(VECTORS.evaluate(bad).hasViolation()).isTrue();
    }

    @Test
    void foreignMemoryIsUsedWhereDataIsNative() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.lapidary.runtime.kernel..",
                        "dev.lapidary.runtime.file..",
                        "dev.lapidary.runtime.model..",
                        "dev.lapidary.torch..",
                        "dev.lapidary.relax..",
                        "dev.lapidary.train..",
                        "dev.lapidary.data..",
                        "dev.lapidary.encode..",
                        "dev.lapidary.concept..",
                        "dev.lapidary.contrast..",
                        "dev.lapidary.linear..",
                        "dev.lapidary.language..",
                        "dev.lapidary.sparsity..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .because("a memory segment is how the library holds data; a user interface has none")
                .check(PROJECT);
        noClasses()
                .that()
                .resideInAPackage("dev.lapidary..")
                .and()
                .resideOutsideOfPackages("dev.lapidary.torch..")
                .and()
                .haveNameNotMatching("dev\\.lapidary\\.runtime\\.kernel\\.HugePages.*") // which asks Linux for them
                .and()
                .haveNameNotMatching("dev\\.lapidary\\.runtime\\.file\\.ProcessEnvironment")
                .should()
                .dependOnClassesThat(NATIVE_CALLS)
                .check(PROJECT);
    }

    @Test
    void pytorchIsUsedOnlyWhereTensorsAreTrained() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.lapidary.torch..",
                        "dev.lapidary.relax..",
                        "dev.lapidary.concept.bottleneck..",
                        "dev.lapidary.concept.adapt..",
                        "dev.lapidary.contrast..",
                        "dev.lapidary.linear..",
                        "dev.lapidary.language..",
                        "dev.lapidary.sparsity..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(PROJECT);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lapidary.torch..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.javacpp.Loader")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.javacpp.PointerScope")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.openblas..")
                .because("dev.lapidary.torch is the only place that knows JavaCPP's quirks")
                .check(PROJECT);
    }

    private static final ArchRule CONVOLUTIONS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.lapidary.torch.BareConvolutions")
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "PyTorch convolves",
                    (JavaMethodCall call) ->
                            call.getTargetOwner().getPackageName().startsWith("org.bytedeco.pytorch")
                                    && call.getName().matches("_?(thnn_|slow_|mkldnn_|cudnn_)?conv.*")))
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("org\\.bytedeco\\.pytorch\\.Conv.*")
            .because(
                    "libtorch's convolutions are wrong on some machines; dev.lapidary.torch.Convolutions checks them first");

    @Test
    void convolutionsAreTheCheckedOnes() {
        CONVOLUTIONS.check(PROJECT);
    }

    @Test
    void convolutionRuleSeesABareConvolution() {
        var bad = new ClassFileImporter().importClasses(dev.lapidary.data.forbidden.Convolves.class);

        assertThat(CONVOLUTIONS.evaluate(bad).hasViolation()).isTrue();
    }

    @Test
    void onlyTheCommandLineWritesToStandardOutput() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lapidary.app..")
                .should()
                .accessField(System.class, "out")
                .check(PROJECT);
    }

    @Test
    void classesAreFinalSealedRecordsOrInterfaces() {
        classes()
                .that()
                .areNotAnonymousClasses()
                .and()
                .doNotHaveSimpleName("package-info")
                .should(beFinalSealedOrInterface())
                .check(PROJECT);
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses()
                .should()
                .haveSimpleNameStartingWith("Abstract")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .check(PROJECT);
    }

    @Test
    void everyPackageIsNullMarked() {
        var marked = PROJECT.stream()
                .filter(type -> type.getSimpleName().equals("package-info") && type.isAnnotatedWith(NullMarked.class))
                .map(JavaClass::getPackageName)
                .collect(Collectors.toSet());
        var packages = PROJECT.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());

        assertThat(marked).containsAll(packages);
    }

    private static ArchCondition<JavaClass> useOnlyAllowedPackages() {
        return new ArchCondition<>("use only the packages that their table entry allows") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                var own = entry(type.getPackageName());
                for (var dependency : type.getDirectDependenciesFromSelf()) {
                    var target = dependency.getTargetClass().getBaseComponentType();
                    if (!target.getPackageName().startsWith(ROOT)) {
                        continue;
                    }
                    var used = entry(target.getPackageName());
                    var allowed = MAY_USE.getOrDefault(own, Set.of());
                    if (!used.equals(own) && !allowed.contains(used) && !usesRuntime(own, used)) {
                        events.add(SimpleConditionEvent.violated(
                                type,
                                "%s uses %s; %s may use %s"
                                        .formatted(type.getName(), target.getName(), own, new TreeSet<>(allowed))));
                    }
                }
            }
        };
    }

    /** Whether {@code own}, being above runtime, uses one of runtime's packages. */
    private static boolean usesRuntime(String own, String used) {
        return used.startsWith("runtime") && MAY_USE.containsKey(own) && !own.startsWith("runtime");
    }

    /** Returns the table's key for a package: its own name, or the nearest parent's. */
    private static String entry(String packageName) {
        var name = packageName.substring(ROOT.length());
        while (!MAY_USE.containsKey(name)) {
            int dot = name.lastIndexOf('.');
            if (dot < 0) {
                return name;
            }
            name = name.substring(0, dot);
        }
        return name;
    }

    private static ArchCondition<JavaClass> beFinalSealedOrInterface() {
        return new ArchCondition<>("be final, sealed, a record, an enum or an interface") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean closed = type.isInterface()
                        || type.isEnum()
                        || type.getModifiers().contains(JavaModifier.FINAL)
                        || type.reflect().isSealed();
                if (!closed) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " is open to subclasses"));
                }
            }
        };
    }
}
