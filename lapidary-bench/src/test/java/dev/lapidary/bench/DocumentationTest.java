package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Every public type of the main sources, and everything public in it, has a comment. The compiler's own check cannot be asked
 * for this alone: it also wants a tag for every parameter and every component of a record.
 */
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void everythingPublicHasAComment() throws IOException {
        List<Path> sources = sources();
        assertThat(sources).hasSizeGreaterThan(500);
        assertThat(missing(sources)).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (var modules = Files.newDirectoryStream(ROOT, "lapidary-*")) {
            for (Path module : modules) {
                try (var files = Files.walk(module.resolve("src/main/java"))) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }

    private static List<String> missing(List<Path> sources) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            List<String> missing = new ArrayList<>();
            DocTrees comments = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                TreePath path = new TreePath(unit);
                for (Tree type : unit.getTypeDecls()) {
                    if (type instanceof ClassTree declared) {
                        type(new TreePath(path, declared), declared, comments, missing);
                    }
                }
            }
            return missing;
        }
    }

    private static void type(TreePath path, ClassTree type, DocTrees comments, List<String> missing) {
        if (!isPublic(path, type.getModifiers())) {
            return;
        }
        comment(path, type.getSimpleName().toString(), comments, missing);
        for (Tree member : type.getMembers()) {
            TreePath at = new TreePath(path, member);
            switch (member) {
                case ClassTree inner -> type(at, inner, comments, missing);
                case MethodTree method
                when isPublic(at, method.getModifiers()) && !overrides(method) ->
                    comment(at, type.getSimpleName() + "." + method.getName(), comments, missing);
                case VariableTree field
                when isPublic(at, field.getModifiers()) ->
                    comment(at, type.getSimpleName() + "." + field.getName(), comments, missing);
                default -> {}
            }
        }
    }

    private static void comment(TreePath path, String name, DocTrees comments, List<String> missing) {
        if (comments.getDocComment(path) == null) {
            missing.add(ROOT.relativize(
                            Path.of(path.getCompilationUnit().getSourceFile().toUri())) + ": " + name);
        }
    }

    /** Members of an interface are public without saying so. */
    private static boolean isPublic(TreePath path, ModifiersTree modifiers) {
        Set<Modifier> flags = modifiers.getFlags();
        boolean ofInterface = path.getParentPath().getLeaf().getKind() == Tree.Kind.INTERFACE;
        return flags.contains(Modifier.PUBLIC)
                || flags.contains(Modifier.PROTECTED)
                || ofInterface && !flags.contains(Modifier.PRIVATE);
    }

    private static boolean overrides(MethodTree method) {
        return method.getModifiers().getAnnotations().stream()
                .anyMatch(
                        annotation -> annotation.getAnnotationType().toString().equals("Override"));
    }
}
