package dev.lapidary.systems.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The Java sources that come with a JDK, {@code lib/src.zip}: some hundred megabytes of text that every developer has.
 *
 * <p>Left out are modules that are tables rather than programs, and files of more than {@value #LONGEST} bytes, which are generated.
 * The comment at the head of a file, its licence, is cut off, so that no measure of a model is about licences.
 */
public final class JavaSources implements AutoCloseable {
    private static final Set<String> TABLES = Set.of("jdk.localedata", "jdk.charsets");
    private static final long LONGEST = 100_000; // bytes

    private final ZipFile zip;
    private final List<Source> files;

    /**
     * One file.
     *
     * @param module that it belongs to, such as {@code java.base}
     * @param name of the entry, such as {@code java.base/java/util/List.java}
     * @param bytes of the whole file
     */
    public record Source(String module, String name, long bytes) {}

    private JavaSources(ZipFile zip) {
        this.zip = zip;
        List<Source> all = new ArrayList<>();
        zip.stream()
                .filter(entry -> entry.getName().endsWith(".java") && entry.getName().indexOf('/') > 0)
                .map(JavaSources::source)
                .filter(source -> !TABLES.contains(source.module) && source.bytes > 0 && source.bytes <= LONGEST)
                .sorted(Comparator.comparing(Source::name))
                .forEach(all::add);
        files = List.copyOf(all);
    }

    private static Source source(ZipEntry entry) {
        String name = entry.getName();
        return new Source(name.substring(0, name.indexOf('/')), name, entry.getSize());
    }

    /**
     * Opens the sources of the JDK that runs.
     *
     * @throws InputException where it comes without
     */
    public static JavaSources open() {
        Path file = Path.of(System.getProperty("java.home"), "lib", "src.zip");
        if (!Files.isRegularFile(file)) {
            throw new InputException("the JDK must come with its sources; got none at " + file
                    + " (some systems have them in a package of their own, such as openjdk-25-source)");
        }
        try {
            return new JavaSources(new ZipFile(file.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** Returns the files, in the order of their names. */
    public List<Source> files() {
        return files;
    }

    /** Returns a file's text without the comment at its head. */
    public String text(Source source) {
        try (InputStream in = zip.getInputStream(zip.getEntry(source.name))) {
            return withoutHead(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(source.name + " cannot be read", e);
        }
    }

    /** Cuts off comments that are not documentation, as long as the text begins with one. */
    static String withoutHead(String text) {
        String rest = text.stripLeading();
        while (rest.startsWith("/*") && !rest.startsWith("/**") || rest.startsWith("//")) {
            boolean line = rest.startsWith("//");
            int end = rest.indexOf(line ? "\n" : "*/");
            if (end < 0) {
                return "";
            }
            rest = rest.substring(end + (line ? 1 : 2)).stripLeading();
        }
        return rest;
    }

    /** Returns a digest of names and sizes: what a choice of files depends on. */
    public String digest() {
        MessageDigest digest = Sha256.digest();
        files.forEach(file -> Sha256.field(digest, file.name + " " + file.bytes));
        return Sha256.hex(digest);
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw new UncheckedIOException(zip.getName() + " cannot be closed", e);
        }
    }
}
