package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Nearest;
import dev.lapidary.systems.Catalogue;
import dev.lapidary.systems.CatalogueEntry;
import java.util.List;

/** Finds systems by what a user types: an id or a row number. */
final class SystemNames {
    private static final int SUGGESTIONS = 3;

    private SystemNames() {}

    /** Returns the systems of the names, in their order, each once. */
    static List<CatalogueEntry> find(List<String> names) {
        Catalogue catalogue = Catalogue.load();
        return names.stream().map(name -> find(catalogue, name)).distinct().toList();
    }

    private static CatalogueEntry find(Catalogue catalogue, String name) {
        return catalogue.find(name).orElseThrow(() -> {
            List<String> ids =
                    catalogue.entries().stream().map(entry -> entry.row().id()).toList();
            List<String> nearest = Nearest.of(name, ids, SUGGESTIONS);
            return new InputException("ID must be the id or the row of a system (lapidary systems lists them); got "
                    + name + (nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?"));
        });
    }
}
