package dev.lapidary.trial;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A digest of Lapidary's own classes, as this JVM runs them: outcomes that were measured by other code show another one. */
final class CodeDigest {
    private static final int CHARACTERS = 12;
    private static final String HERE = calculate();

    private CodeDigest() {}

    /** Returns the digest of the class path's entries that are Lapidary's. */
    static String here() {
        return HERE;
    }

    private static String calculate() {
        String[] entries = System.getProperty("java.class.path", "").split(File.pathSeparator);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path entry : Arrays.stream(entries).map(Path::of).toList()) {
                if (isOurs(entry)) {
                    for (Path file : files(entry)) {
                        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                        digest.update(Files.readAllBytes(file));
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, CHARACTERS);
        } catch (IOException e) {
            throw new UncheckedIOException("Lapidary's own classes cannot be read", e);
        } catch (NoSuchAlgorithmException e) {
            throw new LinkageError("every JVM has SHA-256", e);
        }
    }

    /** A jar of Lapidary's, or a module's folder of classes; no dependency, whatever folder it lies in. */
    private static boolean isOurs(Path entry) {
        String name = String.valueOf(entry.getFileName());
        return Files.isDirectory(entry)
                ? name.equals("classes") && entry.toString().contains("lapidary-")
                : name.startsWith("lapidary-") && !name.endsWith("-tests.jar");
    }

    private static List<Path> files(Path entry) throws IOException {
        if (Files.isRegularFile(entry)) {
            return List.of(entry);
        }
        if (!Files.isDirectory(entry)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(entry)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .sorted()
                    .toList();
        }
    }
}
