package dev.lapidary.runtime.settings;

/**
 * The options of a method: a record with a static method {@code defaults()}.
 *
 * <p>Nobody lists the components by hand. {@link Components} reads them by reflection and gives the texts of a checkpoint's identity,
 * JSON, the options of a command and copies with some components changed. The canonical constructor refuses bad values with a message
 * that names the component and says what came. What is particular about a component stands at it, in {@link Setting} and
 * {@link SameResult}; its default stands once, in {@code defaults()}, with the source of the number.
 *
 * <p>A component is a number, a truth value, a string, an enum, a path, an optional or a collection of these, a type with a static
 * {@code parse(String)} or {@code of(String)} that reads what its {@code toString} writes, or another record of settings.
 */
public interface Settings {}
