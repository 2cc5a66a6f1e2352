package dev.lapidary.runtime.settings;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonTree;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the values of one type into texts and back.
 *
 * <p>A text is what {@code toString} gives; that of an empty optional is {@value #NONE}, that of a collection its elements with a space
 * between them.
 */
final class ValueText {
    private static final String NONE = "none";

    private final Type type;
    private final Class<?> raw;
    private final @Nullable ValueText element; // of an optional or a collection
    private final @Nullable MethodHandle parser;

    ValueText(Type type) {
        this.type = type;
        raw = MethodType.methodType(raw(type)).unwrap().returnType(); // Double in a list is double
        element = element(type, raw);
        parser = parser(raw);
    }

    private static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> whole -> whole;
            case ParameterizedType parameterized -> raw(parameterized.getRawType());
            default -> throw new IllegalStateException("a component must have a plain type; got " + type);
        };
    }

    private static @Nullable ValueText element(Type type, Class<?> raw) {
        if (raw == OptionalInt.class) {
            return new ValueText(int.class);
        }
        if (raw == OptionalLong.class) {
            return new ValueText(long.class);
        }
        if (raw == OptionalDouble.class) {
            return new ValueText(double.class);
        }
        boolean holds = raw == Optional.class || Collection.class.isAssignableFrom(raw);
        return holds && type instanceof ParameterizedType of ? new ValueText(of.getActualTypeArguments()[0]) : null;
    }

    /** The static method that reads a text, where the type has one; looked up by name, so that no other method's types are loaded. */
    private static @Nullable MethodHandle parser(Class<?> raw) {
        if (raw.isPrimitive() || raw.getClassLoader() == null) {
            return null; // no type of the project
        }
        MethodHandle parse = parser(raw, "parse");
        return parse == null ? parser(raw, "of") : parse;
    }

    private static @Nullable MethodHandle parser(Class<?> raw, String name) {
        try {
            return MethodHandles.privateLookupIn(raw, MethodHandles.lookup())
                    .findStatic(raw, name, MethodType.methodType(raw, String.class));
        } catch (NoSuchMethodException | IllegalAccessException none) {
            return null;
        }
    }

    Class<?> raw() {
        return raw;
    }

    boolean isOptional() {
        return raw == Optional.class || raw == OptionalInt.class || raw == OptionalLong.class || raw == OptionalDouble.class;
    }

    private boolean isCollection() {
        return Collection.class.isAssignableFrom(raw);
    }

    /** Whether texts can be read back. */
    boolean isReadable() {
        return element != null
                ? element.isReadable()
                : raw.isPrimitive() || raw == String.class || raw == Path.class || raw.isEnum() || parser != null;
    }

    /** Returns the value's text. */
    String write(Object value) {
        if (isOptional()) {
            return content(value).map(String::valueOf).orElse(NONE);
        }
        return value instanceof Collection<?> many
                ? many.stream().map(String::valueOf).collect(Collectors.joining(" "))
                : value.toString();
    }

    /** Returns the text as help shows it: 3 for 3.0, 1e-5 for 1.0E-5, f32 for F32. */
    String show(Object value) {
        String text = write(value);
        return raw == String.class || raw == Path.class
                ? text
                : text.replaceAll("(?<=\\d)\\.0(?!\\d)", "").toLowerCase(Locale.ROOT);
    }

    /** Reads a text. */
    Object read(String name, String text) {
        if (element != null && isOptional()) {
            return text.equals(NONE) ? none() : some(element.read(name, text));
        }
        if (element != null && isCollection()) {
            List<Object> values = new ArrayList<>();
            for (String part : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
                values.add(element.read(name, part));
            }
            return collection(values);
        }
        if (raw.isEnum()) {
            return constant(name, text);
        }
        return raw.isPrimitive() ? primitive(name, text) : parsed(name, text);
    }

    private Object primitive(String name, String text) {
        try {
            return switch (raw.getName()) {
                case "int" -> Integer.parseInt(text.strip());
                case "long" -> Long.parseLong(text.strip());
                case "double" -> Double.parseDouble(text.strip());
                case "boolean" -> truth(text.strip());
                default -> throw new IllegalStateException(name + " must be of a type that has texts; got " + raw);
            };
        } catch (NumberFormatException malformed) {
            throw new InputException(name + " must be " + kind() + "; got " + text, malformed);
        }
    }

    private String kind() {
        return switch (raw.getName()) {
            case "int", "long" -> "a whole number";
            case "double" -> "a number";
            case "boolean" -> "true or false";
            default -> "a string";
        };
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new NumberFormatException(text);
        };
    }

    private Object parsed(String name, String text) {
        if (raw == String.class) {
            return text;
        }
        if (raw == Path.class) {
            return Path.of(text);
        }
        if (parser == null) {
            throw new IllegalStateException(name + " must be of a type that has texts; got " + type);
        }
        try {
            return parser.invoke(text);
        } catch (InputException refused) {
            throw Naming.of(name, refused);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable checked) {
            throw new IllegalStateException(checked);
        }
    }

    private Object constant(String name, String text) {
        Object[] constants = raw.getEnumConstants();
        for (Object constant : constants) {
            if (constant.toString().equals(text) || id(constant).equals(text)) {
                return constant;
            }
        }
        if (parser != null) {
            return parsed(name, text);
        }
        String ids = Arrays.stream(constants).map(ValueText::id).collect(Collectors.joining(", "));
        throw new InputException(name + " must be one of " + ids + "; got " + text);
    }

    /** An enum constant's name in a command: lower case, with dashes. */
    static String id(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns what JSON holds: a number, true or false, a text, a list, or null for nothing. */
    @Nullable Object json(Object value) {
        if (element != null && isOptional()) {
            return content(value).map(element::json).orElse(null);
        }
        if (element != null && value instanceof Collection<?> many) {
            return many.stream().map(element::json).toList();
        }
        boolean plain = raw.isPrimitive() && !(value instanceof Double number && !Double.isFinite(number));
        return plain ? value : write(value);
    }

    /** Reads what {@link #json} wrote. */
    Object read(String name, JsonTree json) {
        if (element != null && isOptional()) {
            return json instanceof JsonTree.Nothing ? none() : some(element.read(name, json));
        }
        if (element != null && json instanceof JsonTree.Items items) {
            return collection(items.values().stream()
                    .map(item -> element.read(name, item))
                    .toList());
        }
        return switch (json) {
            case JsonTree.Text text -> read(name, text.value());
            case JsonTree.Whole whole when raw.isPrimitive() -> read(name, Long.toString(whole.value()));
            case JsonTree.Fraction fraction when raw == double.class -> fraction.value();
            case JsonTree.Truth truth when raw == boolean.class -> truth.value();
            default -> throw new InputException(name + " must be " + kind() + "; got " + json.kind());
        };
    }

    private static Optional<?> content(Object optional) {
        return switch (optional) {
            case Optional<?> any -> any;
            case OptionalInt whole -> whole.isPresent() ? Optional.of(whole.getAsInt()) : Optional.empty();
            case OptionalLong whole -> whole.isPresent() ? Optional.of(whole.getAsLong()) : Optional.empty();
            case OptionalDouble number -> number.isPresent() ? Optional.of(number.getAsDouble()) : Optional.empty();
            default -> throw new IllegalArgumentException("a value must be optional; got " + optional);
        };
    }

    private Object none() {
        return switch (raw.getSimpleName()) {
            case "OptionalInt" -> OptionalInt.empty();
            case "OptionalLong" -> OptionalLong.empty();
            case "OptionalDouble" -> OptionalDouble.empty();
            default -> Optional.empty();
        };
    }

    private Object some(Object value) {
        return switch (raw.getSimpleName()) {
            case "OptionalInt" -> OptionalInt.of((Integer) value);
            case "OptionalLong" -> OptionalLong.of((Long) value);
            case "OptionalDouble" -> OptionalDouble.of((Double) value);
            default -> Optional.of(value);
        };
    }

    private Object collection(List<Object> values) {
        return raw.isAssignableFrom(List.class)
                ? List.copyOf(values)
                : Collections.unmodifiableSequencedSet(new LinkedHashSet<>(values));
    }
}
