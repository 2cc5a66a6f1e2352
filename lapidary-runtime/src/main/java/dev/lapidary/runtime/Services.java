package dev.lapidary.runtime;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lists the implementations of a contract that the class path brings, and finds one by its name. Each stands in a file {@code
 * META-INF/services/CONTRACT}, one a line, so that a new one is new files and one line.
 */
public final class Services {
    private Services() {}

    /**
     * Returns all implementations of a contract, by name.
     *
     * @throws IllegalStateException where two have the same name
     */
    public static <T> List<T> all(Class<T> contract, Function<T, String> name) {
        List<T> all = ServiceLoader.load(contract, contract.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(name))
                .toList();
        for (int i = 1; i < all.size(); i++) {
            if (name.apply(all.get(i)).equals(name.apply(all.get(i - 1)))) {
                throw new IllegalStateException("implementations of " + contract.getName()
                        + " must have distinct names; got " + name.apply(all.get(i)) + " from "
                        + all.get(i - 1).getClass().getName() + " and "
                        + all.get(i).getClass().getName());
            }
        }
        return all;
    }

    /**
     * Returns the one of a name.
     *
     * @param what the contract as messages name it, such as "the one-shot method"
     * @throws InputException with the names that there are and the nearest of them, where none has this name
     */
    public static <T> T named(String what, String wanted, List<T> all, Function<T, String> name) {
        return all.stream()
                .filter(each -> name.apply(each).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new InputException(
                        refusal(what, wanted, all.stream().map(name).toList())));
    }

    private static String refusal(String what, String wanted, List<String> names) {
        String known = names.stream().collect(Collectors.joining(", "));
        String meant = Nearest.of(wanted, names)
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
        return what + " must be one of " + known + "; got " + wanted + meant;
    }
}
