package dev.lapidary.bench;

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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * Holds how modules and packages may know each other, and how classes are made, over all modules.
 *
 * <p>Nothing here names a method or a package of one: a new package needs no entry. A module is known by the folder or the jar that a
 * class comes from; a method family is the first package below {@code dev.lapidary} of a class in lapidary-methods.
 */
class ArchitectureTest {
    private static final String ROOT = "dev.lapidary.";
    private static final Pattern MODULE = Pattern.compile(".*/lapidary-(\\w+)(\\.jar!|/target/).*");
    private static final String METHODS = "methods";

    /** The modules that each module may use beside itself. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
            "runtime",
            Set.of(),
            "explain",
            Set.of("runtime"),
            "core",
            Set.of("runtime", "explain"),
            METHODS,
            Set.of("runtime", "explain", "core"),
            "systems",
            Set.of("runtime", "explain", "core", METHODS),
            "app",
            Set.of("runtime", "explain", "core", METHODS, "systems"),
            "langchain4j",
            Set.of("runtime"),
            "bench",
            Set.of("runtime", "explain", "core", METHODS, "systems", "app"));

    /** All classes of the modules but their tests. */
    static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lapidary");

    /** Native calls and libraries; segments, layouts and arenas are only ways to hold data. */
    private static final DescribedPredicate<JavaClass> NATIVE_CALLS = DescribedPredicate.describe(
            "make native calls",
            type -> type.getPackageName().equals("java.lang.foreign")
                    && Set.of("Linker", "SymbolLookup", "FunctionDescriptor").contains(type.getSimpleName()));

    private static final DescribedPredicate<JavaClass> PYTORCH = inside("PyTorch", "org.bytedeco");

    private static String module(JavaClass type) {
        Matcher path = MODULE.matcher(type.getSource().orElseThrow().getUri().toString());
        if (!path.matches()) {
            throw new AssertionError("a class must come from a module; got " + type.getSource());
        }
        return path.group(1);
    }

    /** The first package below the root: concept for dev.lapidary.concept.search. */
    private static String family(JavaClass type) {
        return type.getPackageName().substring(ROOT.length()).replaceAll("\\..*", "");
    }

    private static Set<String> families() {
        return PROJECT.stream()
                .filter(type -> module(type).equals(METHODS))
                .map(ArchitectureTest::family)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static DescribedPredicate<JavaClass> of(String... modules) {
        Set<String> wanted = Set.of(modules);
        return DescribedPredicate.describe(
                "are in module " + String.join(" or ", modules),
                type -> type.getPackageName().startsWith(ROOT) && wanted.contains(module(type)));
    }

    private static DescribedPredicate<JavaClass> inside(String what, String root) {
        return DescribedPredicate.describe(
                "are in " + what,
                type -> type.getPackageName().equals(root)
                        || type.getPackageName().startsWith(root + "."));
    }

    @Test
    void importSawEveryModuleAndFamily() {
        assertThat(PROJECT.stream().map(ArchitectureTest::module).collect(Collectors.toSet()))
                .isEqualTo(MAY_USE.keySet());
        assertThat(families()).contains("concept", "sparsity");
    }

    // --- who may know whom ---------------------------------------------------------------------

    @Test
    void modulesUseOnlyThoseBelowThem() {
        arrows(MAY_USE).check(PROJECT);
    }

    @Test
    void theRuleSeesAnArrowThatPointsUp() {
        Map<String, Set<String>> withoutMethods =
                Map.of("runtime", Set.of(), "explain", Set.of("runtime"), "app", Set.of("runtime", "explain"));

        assertThat(arrows(withoutMethods).evaluate(PROJECT).getFailureReport().getDetails())
                .anySatisfy(line ->
                        assertThat(line).contains("of app uses ", "of methods; app may use [explain, runtime]"));
    }

    private static ArchRule arrows(Map<String, Set<String>> mayUse) {
        return dependencies("use only modules below their own", (type, target) -> {
            String own = module(type);
            String used = module(target);
            Set<String> allowed = mayUse.getOrDefault(own, Set.of());
            return used.equals(own) || allowed.contains(used)
                    ? ""
                    : "%s of %s uses %s of %s; %s may use %s"
                            .formatted(type.getName(), own, target.getName(), used, own, new TreeSet<>(allowed));
        });
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.lapidary.(**)").should().beFreeOfCycles().check(PROJECT);
    }

    @Test
    void aPackageIsInOneModule() {
        Map<String, Set<String>> modules = PROJECT.stream()
                .collect(Collectors.groupingBy(
                        JavaClass::getPackageName, Collectors.mapping(ArchitectureTest::module, Collectors.toSet())));

        assertThat(modules).allSatisfy((name, of) -> assertThat(of).as(name).hasSize(1));
    }

    @Test
    void aMethodFamilyKnowsNoOtherAndTheFoundationsKnowNone() {
        strangers(families(), ArchitectureTest::family).check(PROJECT);
    }

    @Test
    void theRuleSeesAFamilyThatKnowsAnother() {
        Function<JavaClass, String> everyPackage = type -> type.getPackageName().substring(ROOT.length());
        Set<String> asIfFamilies = Set.of("concept.bottleneck", "concept.vocabulary");

        assertThat(strangers(asIfFamilies, everyPackage).evaluate(PROJECT).hasViolation())
                .isTrue();
    }

    /** Classes of core, and of methods outside the family, that use a family. */
    private static ArchRule strangers(Set<String> families, Function<JavaClass, String> family) {
        return dependencies("know no method family but their own", (type, target) -> {
            boolean bound = Set.of("core", METHODS).contains(module(type));
            boolean stranger = families.contains(family.apply(target))
                    && !family.apply(target).equals(family.apply(type));
            return bound && stranger ? type.getName() + " uses " + target.getName() : "";
        });
    }

    /** What is wrong with a dependency; empty where nothing is. */
    @FunctionalInterface
    private interface Judge {
        String wrong(JavaClass type, JavaClass target);
    }

    private static ArchRule dependencies(String description, Judge judge) {
        return classes().should(new ArchCondition<>(description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (var dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (target.getPackageName().startsWith(ROOT)) {
                        String wrong = judge.wrong(type, target);
                        if (!wrong.isEmpty()) {
                            events.add(SimpleConditionEvent.violated(type, wrong));
                        }
                    }
                }
            }
        });
    }

    // --- libraries -----------------------------------------------------------------------------

    @Test
    void whatAServiceEmbedsKnowsNoPyTorch() {
        noClasses()
                .that(of("runtime", "explain", "langchain4j"))
                .should()
                .dependOnClassesThat(PYTORCH)
                .check(PROJECT);
    }

    @Test
    void theRuntimeHasNoNativeLibraryAndFewOthers() {
        classes()
                .that(of("runtime"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.lapidary.runtime..",
                        "java..",
                        "jdk.incubator.vector..",
                        "com.sun.management..",
                        "tools.jackson.core..",
                        "org.slf4j..",
                        "org.jspecify..")
                .check(PROJECT);
    }

    @Test
    void commandsKnowNoPyTorchAndNobodyButTorchKnowsJavaCpp() {
        noClasses().that(of("app")).should().dependOnClassesThat(PYTORCH).check(PROJECT);
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

    @Test
    void vectorsAreUsedOnlyInKernelPackages() {
        vectors("dev.lapidary..kernel..").check(PROJECT);
        noClasses()
                .that()
                .resideInAPackage("dev.lapidary..kernel..")
                .should()
                .dependOnClassesThat(PYTORCH)
                .because("kernels take memory segments")
                .check(PROJECT);
    }

    @Test
    void vectorRuleSeesAForbiddenUse() {
        assertThat(vectors("dev.lapidary.runtime.kernel..").evaluate(PROJECT).hasViolation())
                .isTrue();
    }

    /** The Vector API, and the kernels' own access to memory without bounds, are used only in some packages. */
    private static ArchRule vectors(String packages) {
        Predicate<JavaClass> own = type -> type.getName().equals("dev.lapidary.runtime.kernel.RawMemory")
                || type.getName().equals("dev.lapidary.runtime.kernel.Lanes")
                || type.getName().equals("dev.lapidary.runtime.kernel.VectorFloats");
        return noClasses()
                .that()
                .resideOutsideOfPackage(packages)
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are vectors or raw memory",
                        type -> type.getPackageName().startsWith("jdk.incubator.vector") || own.test(type)));
    }

    @Test
    void nativeCallsAreMadeInFourPlacesAndUserInterfacesHoldNoMemory() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lapidary.torch..")
                .and()
                .haveNameNotMatching("dev\\.lapidary\\.sparsity\\.kernel\\.HugePages.*") // which asks Linux for them
                .and()
                .haveNameNotMatching("dev\\.lapidary\\.runtime\\.file\\.ProcessEnvironment")
                .and()
                .haveNameNotMatching("dev\\.lapidary\\.runtime\\.file\\.FolderExchange")
                .should()
                .dependOnClassesThat(NATIVE_CALLS)
                .check(PROJECT);
        noClasses()
                .that(of("app", "langchain4j"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .because("a memory segment is how the library holds data; a user interface has none")
                .check(PROJECT);
    }

    @Test
    void convolutionsAreTheCheckedOnes() {
        convolutions("dev.lapidary.torch.BareConvolutions").check(PROJECT);
    }

    @Test
    void theRuleSeesABareConvolution() {
        assertThat(convolutions("nobody").evaluate(PROJECT).hasViolation()).isTrue();
    }

    /** Only one class calls PyTorch's own convolutions. */
    private static ArchRule convolutions(String caller) {
        return noClasses()
                .that()
                .doNotHaveFullyQualifiedName(caller)
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "PyTorch convolves",
                        (JavaMethodCall call) -> PYTORCH.test(call.getTargetOwner())
                                && call.getName().matches("_?(thnn_|slow_|mkldnn_|cudnn_)?conv.*")))
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("org\\.bytedeco\\.pytorch\\.Conv.*")
                .because("they are wrong on some machines; dev.lapidary.torch.Convolutions checks them first");
    }

    @Test
    void onlyCommandsAndBenchmarksWriteToStandardOutput() {
        noClasses()
                .that(DescribedPredicate.not(of("app", "bench")))
                .should()
                .accessField(System.class, "out")
                .check(PROJECT);
    }

    // --- how classes are made ------------------------------------------------------------------

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
        List<String> packages =
                PROJECT.stream().map(JavaClass::getPackageName).distinct().toList();

        assertThat(marked).containsAll(packages);
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
