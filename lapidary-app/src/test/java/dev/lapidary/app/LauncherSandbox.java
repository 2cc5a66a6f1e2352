package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder with a copy of the launcher whose machine is made up: JDKs that only print how they were
 * called, a Maven that only writes the files that the launcher needs, no tool but the listed ones.
 */
final class LauncherSandbox {
    private static final List<String> TOOLS = List.of(
            "sh",
            "dirname",
            "readlink",
            "uname",
            "tr",
            "sed",
            "find",
            "head",
            "tail",
            "mkdir",
            "rmdir",
            "rm",
            "mv",
            "cp",
            "cat",
            "touch",
            "sleep",
            "tar",
            "gzip");

    private static final String JAVA = """
            #!/bin/sh
            for argument in "$@"; do case $argument in -XX:AOTCacheOutput=*) exit 0 ;; esac; done
            echo "java=$0"
            echo "pid=$$"
            echo "folder=$(pwd -P)"
            for argument in "$@"; do echo "argument=$argument"; done
            """;

    private static final String MAVEN = """
            #!/bin/sh
            echo "JAVA_HOME=$JAVA_HOME $*" >>builds
            sleep 0.3
            if [ -f broken ]; then echo '[ERROR] it does not compile'; exit 1; fi
            for module in runtime explain core methods app bench; do
              mkdir -p lapidary-$module/target
              touch lapidary-$module/target/lapidary-$module.jar
              touch $module-needs.jar
              printf '%s' "$PWD/$module-needs.jar" >lapidary-$module/target/classpath.txt
            done
            """;

    private final Path root;
    private final Path project;
    private final Map<String, String> environment = new TreeMap<>();

    LauncherSandbox(Path root) throws IOException {
        this.root = root.toRealPath();
        this.project = this.root.resolve("a project");
        var launcher = Path.of("..", "lapidary").toRealPath();
        Files.createDirectories(project);
        // the usual installation folders, moved into the sandbox
        var text = Files.readString(launcher)
                .replaceAll(
                        "(?<=[\\s'])/(usr|opt|Library|c)/", this.root.toString().replace(" ", "\\\\ ") + "/$1/");
        executable(project.resolve("lapidary"), text);
        linkTools();
        environment.put("HOME", this.root.resolve("home").toString());
        environment.put("PATH", this.root.resolve("bin").toString());
    }

    private void linkTools() throws IOException {
        var bin = Files.createDirectories(root.resolve("bin"));
        for (var tool : TOOLS) {
            var found = Stream.of(System.getenv("PATH").split(":"))
                    .map(folder -> Path.of(folder, tool))
                    .filter(Files::isExecutable)
                    .findFirst();
            assertThat(found).as(tool).isPresent();
            executable(bin.resolve(tool), "#!/bin/sh\nexec " + found.orElseThrow() + " \"$@\"\n");
        }
    }

    /** Makes the project look like a checkout: poms, sources and a Maven wrapper. */
    LauncherSandbox checkout() throws IOException {
        Files.writeString(project.resolve("pom.xml"), "<project><version>1</version></project>");
        for (var module : List.of("runtime", "explain", "core", "methods", "app", "bench")) {
            var sources = Files.createDirectories(project.resolve("lapidary-" + module + "/src/main/java"));
            Files.writeString(sources.resolve("A.java"), "final class A {}");
            Files.writeString(project.resolve("lapidary-" + module + "/pom.xml"), "<project/>");
        }
        executable(project.resolve("mvnw"), MAVEN);
        Files.createDirectories(project.resolve("concepts"));
        for (var text : List.of("LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "concepts/list.txt")) {
            Files.createFile(project.resolve(text));
        }
        return this;
    }

    /** Makes the project look like an unpacked archive. */
    LauncherSandbox release() throws IOException {
        var lib = Files.createDirectories(project.resolve("lib"));
        Files.writeString(lib.resolve("classpath.txt"), "b.jar\na.jar\n");
        return this;
    }

    /** Adds a made-up JDK below the sandbox and returns its home. */
    Path jdk(String folder, String version) throws IOException {
        var home = root.resolve(folder);
        Files.createDirectories(home.resolve("bin"));
        executable(home.resolve("bin/java"), JAVA);
        executable(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"nobody\"\nJAVA_VERSION=\"" + version + "\"\nOS_NAME=\"Linux\"\n");
        return home;
    }

    LauncherSandbox set(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    Path root() {
        return root;
    }

    Path project() {
        return project;
    }

    /** How often Maven was called, and how. */
    List<String> builds() throws IOException {
        var file = project.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Starts {@code command} with {@code arguments} in {@code folder}. */
    Process start(Path folder, Path command, String... arguments) throws IOException {
        var line = new ArrayList<>(List.of(command.toString()));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(line).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs the launcher from its own folder. */
    Outcome run(String... arguments) throws Exception {
        return Outcome.of(start(project, project.resolve("lapidary"), arguments));
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** What a process left. */
    record Outcome(int status, List<String> output, List<String> errors) {
        static Outcome of(Process process) throws Exception {
            var output = process.inputReader().readAllLines();
            var errors = process.errorReader().readAllLines();
            return new Outcome(process.waitFor(), output, errors);
        }

        /** The values that the made-up JDK printed under {@code key}. */
        List<String> values(String key) {
            return output.stream()
                    .filter(line -> line.startsWith(key + "="))
                    .map(line -> line.substring(key.length() + 1))
                    .toList();
        }
    }
}
