package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares the sizes that docs/use-as-a-library.md names with the jars. */
class LibrarySizesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW =
            Pattern.compile("\\| [^|]+ \\| `(lapidary-\\w+)` \\| ([\\d.]+) MB \\| ([\\d.]+) MB \\| (.+) \\|");
    private static final Pattern ADDED = Pattern.compile("`([\\w.-]+)` ([\\d.]+) MB");
    private static final double NEAR = 0.1;
    private static final double OWN = 0.25; // the project's jars grow with every change
    private static final double SMALLEST = 0.01; // megabytes, the last digit shown

    /** A row of the table, sizes in megabytes. */
    private record Row(String module, double jar, double whole, String added) {}

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        Matcher row = ROW.matcher(Files.readString(ROOT.resolve("docs/use-as-a-library.md")));
        while (row.find()) {
            rows.add(new Row(
                    row.group(1), Double.parseDouble(row.group(2)), Double.parseDouble(row.group(3)), row.group(4)));
        }
        return rows;
    }

    private static void requireNear(String what, double named, Path jar, double near) throws IOException {
        double size = Files.size(jar) / 1e6;
        assertThat(named).as(what + " of " + jar).isCloseTo(size, within(Math.max(SMALLEST, near * size)));
    }

    /** The jar of an artifact on the tests' class path, that of a platform where there are several. */
    private static Optional<Path> jar(String artifact) throws IOException {
        Path largest = null;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path file = Path.of(entry);
            boolean same = String.valueOf(file.getFileName()).matches(Pattern.quote(artifact) + "-\\d.*\\.jar");
            if (same && Files.exists(file) && (largest == null || Files.size(file) > Files.size(largest))) {
                largest = file;
            }
        }
        return Optional.ofNullable(largest);
    }

    @Test
    void jarsAreAsLargeAsThePageSays() throws IOException {
        assertThat(rows().stream().map(Row::module))
                .containsExactly("lapidary-runtime", "lapidary-explain", "lapidary-core", "lapidary-methods");
        for (Row row : rows()) {
            Path jar = ROOT.resolve(row.module() + "/target/" + row.module() + ".jar");
            if (Files.exists(jar)) { // a build without packaging has none
                requireNear(row.module(), row.jar(), jar, OWN);
            }
        }
    }

    @Test
    void whatModulesBringIsAsLargeAsThePageSays() throws IOException {
        double sum = 0;
        for (Row row : rows()) {
            Matcher added = ADDED.matcher(row.added());
            sum += row.jar();
            int count = 0;
            while (added.find()) {
                double named = Double.parseDouble(added.group(2));
                Path jar = jar(added.group(1)).orElseThrow();
                requireNear(added.group(1), named, jar, NEAR);
                sum += named;
                count++;
            }
            assertThat(count).as(row.module()).isPositive();
            assertThat(row.whole()).as("all of " + row.module()).isBetween(0.95 * sum, (1 + NEAR) * sum);
        }
    }
}
