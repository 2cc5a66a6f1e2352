package dev.lapidary.runtime.settings;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import dev.lapidary.runtime.json.JsonTree;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The components of one record of {@link Settings}, read once: the only place that knows them.
 *
 * <p>Where settings hold other settings, a component of those is named by a path, such as {@code training.epochs}. In identities and
 * notes they stand beside the others under their own keys, unless {@link Setting#key} makes them one text; in JSON they are an object.
 *
 * @param <S> the record
 */
public final class Components<S extends Settings> {
    private static final ClassValue<Components<?>> READ = new ClassValue<>() {
        @Override
        protected Components<?> computeValue(Class<?> type) {
            return new Components<>(type);
        }
    };

    private final Class<?> type;
    private final List<Component> list;
    private final MethodHandle constructor;

    private Components(Class<?> type) {
        if (!type.isRecord() || !Settings.class.isAssignableFrom(type)) {
            throw new IllegalArgumentException("settings must be a record that implements Settings; got " + type);
        }
        this.type = type;
        list = Arrays.stream(type.getRecordComponents()).map(Component::new).toList();
        constructor = constructor(type);
    }

    /** Looked up by its types, as all that is looked up here, so that no other member's types are loaded: some are PyTorch's. */
    private static MethodHandle constructor(Class<?> type) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            return lookup(type).findConstructor(type, MethodType.methodType(void.class, types));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " must have its canonical constructor", e);
        }
    }

    /** A lookup that sees records that are no public types. */
    private static MethodHandles.Lookup lookup(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }

    /** Returns the components of a record of settings. */
    @SuppressWarnings("unchecked") // the value of a class is of that class
    public static <S extends Settings> Components<S> of(Class<S> type) {
        return (Components<S>) READ.get(type);
    }

    @SuppressWarnings("unchecked") // the class of settings is that of their record
    private static <S extends Settings> Components<S> of(S settings) {
        return of((Class<S>) settings.getClass());
    }

    /** Returns settings with one component changed, which may be that of settings within: {@code with(s, "training.epochs", 3)}. */
    public static <S extends Settings> S with(S settings, String path, Object value) {
        return with(settings, Map.of(path, value));
    }

    /** Returns settings with some components changed together. */
    public static <S extends Settings> S with(S settings, Map<String, ?> changes) {
        return of(settings).changed(settings, changes);
    }

    /** Returns every component that decides the outcome, by its key, as text: what a checkpoint's identity must hold. */
    public static SortedMap<String, String> identity(Settings settings) {
        return texts(settings, component -> component.sameResult().isEmpty());
    }

    /** Returns the texts of {@link #identity} but those that a training plan writes itself ({@link Setting#entersAs}). */
    public static SortedMap<String, String> planned(Settings settings) {
        return texts(
                settings,
                component -> component.sameResult().isEmpty() && component.entersAs().isEmpty());
    }

    /** Returns what the {@code lapidary.json} of a result notes of settings: the texts of {@link Setting#noted} components. */
    public static SortedMap<String, String> notes(Settings settings) {
        return texts(settings, Component::noted);
    }

    private static SortedMap<String, String> texts(Settings settings, Predicate<Component> wanted) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (Component component : of(settings).list) {
            Object value = component.of(settings);
            if (value instanceof Settings inner && component.ownKey().isEmpty()) {
                texts(inner, wanted).forEach((key, text) -> put(texts, key, text, settings));
            } else if (wanted.test(component)) {
                put(texts, component.key(), component.text(value), settings);
            }
        }
        return texts;
    }

    private static void put(Map<String, String> texts, String key, String text, Settings settings) {
        if (texts.put(key, text) != null) {
            throw new IllegalStateException(settings.getClass() + " must have one component of the key " + key + "; got two");
        }
    }

    /** Returns what JSON holds of settings: numbers, truth values, texts, lists, and maps for settings within; null for nothing. */
    public static SequencedMap<String, @Nullable Object> json(Settings settings) {
        SequencedMap<String, @Nullable Object> json = new LinkedHashMap<>();
        for (Component component : of(settings).list) {
            if (component.isReadable()) {
                Object value = component.of(settings);
                json.put(component.name(), value instanceof Settings inner ? json(inner) : component.json(value));
            }
        }
        return json;
    }

    /**
     * Reads settings from JSON that has all of them.
     *
     * @throws InputException where a member has no component, a component no member, or a value is refused
     */
    public static <S extends Settings> S read(JsonObject json, Class<S> type) {
        Components<S> components = of(type);
        for (Component component : components.list) {
            if (component.isReadable() && !json.members().containsKey(component.name())) {
                throw new InputException(json.where() + ": must have " + component.name() + "; got none");
            }
        }
        return read(json, components.defaults());
    }

    /**
     * Reads settings from JSON; what is missing there stays as it is given.
     *
     * @throws InputException where a member has no component or a value is refused
     */
    public static <S extends Settings> S read(JsonObject json, S missing) {
        Components<S> components = of(missing);
        Map<String, Object> changes = new LinkedHashMap<>();
        for (var member : json.members().entrySet()) {
            Component component = components.find(json.where(), member.getKey());
            changes.put(component.name(), value(json.where(), component, member.getValue(), component.of(missing)));
        }
        try {
            return components.changed(missing, changes);
        } catch (InputException refused) {
            throw InputException.in(json.where(), refused);
        }
    }

    private static Object value(String where, Component component, JsonTree json, Object missing) {
        return missing instanceof Settings inner && json instanceof JsonObject object
                ? read(object, inner)
                : component.read(where + ": " + component.name(), json);
    }

    private Component find(String where, String name) {
        return list.stream()
                .filter(component -> component.name().equals(name) && component.isReadable())
                .findFirst()
                .orElseThrow(() -> new InputException(where + ": must have settings of the names "
                        + list.stream().filter(Component::isReadable).map(Component::name).toList() + "; got " + name));
    }

    /** Returns the components in the order of the record. */
    public List<Component> list() {
        return list;
    }

    /** Returns the components that hold no other settings, those of settings within included, by their paths. */
    public SequencedMap<String, Component> leaves() {
        SequencedMap<String, Component> leaves = new LinkedHashMap<>();
        for (Component component : list) {
            if (component.nested()) {
                READ.get(component.type())
                        .leaves()
                        .forEach((path, leaf) -> leaves.put(component.name() + "." + path, leaf));
            } else {
                leaves.put(component.name(), component);
            }
        }
        return leaves;
    }

    /** Returns the value at a path. */
    public Object get(S settings, String path) {
        int dot = path.indexOf('.');
        Object value = named(dot < 0 ? path : path.substring(0, dot)).of(settings);
        return dot < 0 ? value : of((Settings) value).get((Settings) value, path.substring(dot + 1));
    }

    private Component named(String name) {
        return list.stream()
                .filter(component -> component.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(type + " must have the component; got " + name));
    }

    /** Returns what the record's own {@code defaults()} gives. */
    @SuppressWarnings("unchecked") // the method is looked up by its type
    public S defaults() {
        MethodHandle method;
        try {
            method = lookup(type).findStatic(type, "defaults", MethodType.methodType(type));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " must have a static method defaults() that returns one", e);
        }
        try {
            return (S) method.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable checked) {
            throw new IllegalStateException(checked);
        }
    }

    @SuppressWarnings("unchecked") // the constructor makes one
    private S changed(S settings, Map<String, ?> changes) {
        changes.keySet().forEach(path -> named(path.replaceAll("\\..*", "")));
        List<Object> values = new ArrayList<>();
        for (Component component : list) {
            Object change = changes.get(component.name());
            values.add(change != null ? change : changedWithin(component, component.of(settings), changes));
        }
        try {
            return (S) constructor.invokeWithArguments(values);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable checked) {
            throw new IllegalStateException(checked);
        }
    }

    private static Object changedWithin(Component component, Object value, Map<String, ?> changes) {
        String start = component.name() + ".";
        Map<String, Object> within = new LinkedHashMap<>();
        changes.forEach((path, change) -> {
            if (path.startsWith(start)) {
                within.put(path.substring(start.length()), change);
            }
        });
        return within.isEmpty() ? value : with((Settings) value, within);
    }
}
