package dev.lapidary.systems;

import dev.lapidary.runtime.Services;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published systems: those of the rows that this module carries, and any other that is found by {@link java.util.ServiceLoader}. Loading it
 * reads small files and loads no native library.
 */
public final class Catalogue {
    /** The number of rows that this module carries. */
    public static final int ROWS = 130;

    private static final String FOLDER = "dev/lapidary/systems/";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final List<CatalogueEntry> entries;

    Catalogue(List<CatalogueEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** Reads the catalogue. */
    public static Catalogue load() {
        SortedMap<Integer, PublishedSystem> systems = new TreeMap<>();
        Services.all(PublishedSystem.class, system -> "row " + system.row())
                .forEach(system -> systems.put(system.row(), system));
        List<CatalogueEntry> entries = new ArrayList<>();
        for (int row = 1; row <= ROWS; row++) {
            entries.add(entry(row, systems.remove(row)));
        }
        systems.forEach((row, system) -> entries.add(entry(row, system)));
        return new Catalogue(entries);
    }

    private static CatalogueEntry entry(int row, @Nullable PublishedSystem system) {
        ClassLoader loader = (system == null ? Catalogue.class : system.getClass()).getClassLoader();
        String name = FOLDER + String.format(Locale.ROOT, "rows/%03d.json", row);
        String file = text(loader, name)
                .orElseThrow(
                        () -> new IllegalStateException("row " + row + " needs the data file " + name + "; got none"));
        SystemRow read = JSON.readValue(file, SystemRow.class);
        if (read.row() != row) {
            throw new IllegalStateException(name + " must have row " + row + "; got " + read.row());
        }
        if (system == null) {
            return new CatalogueEntry(read, null, null, null);
        }
        return new CatalogueEntry(
                read,
                system,
                text(loader, FOLDER + "evidence/" + read.id() + ".json")
                        .map(Evidence::read)
                        .orElse(null),
                text(loader, FOLDER + "evidence/" + read.id() + ".run.json")
                        .map(Evidence.Run::read)
                        .orElse(null));
    }

    private static Optional<String> text(ClassLoader loader, String name) {
        try (InputStream stream = loader.getResourceAsStream(name)) {
            return stream == null
                    ? Optional.empty()
                    : Optional.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }

    /** Returns all systems by row. */
    public List<CatalogueEntry> entries() {
        return entries;
    }

    /** Returns the system of an id, or of a row number. */
    public Optional<CatalogueEntry> find(String idOrRow) {
        return entries.stream()
                .filter(entry -> entry.row().id().equals(idOrRow)
                        || Integer.toString(entry.row().row()).equals(idOrRow))
                .findFirst();
    }
}
