package dev.lapidary.runtime.settings;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonTree;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One component of a {@link Settings} record, with its annotations. */
public final class Component {
    private final String name;
    private final Class<?> owner;
    private final MethodHandle accessor;
    private final ValueText values;
    private final @Nullable Setting setting;
    private final @Nullable SameResult sameResult;

    Component(RecordComponent component) {
        name = component.getName();
        owner = component.getDeclaringRecord();
        accessor = accessor(component.getAccessor());
        values = new ValueText(component.getGenericType());
        setting = component.getAnnotation(Setting.class);
        sameResult = component.getAnnotation(SameResult.class);
    }

    private static MethodHandle accessor(Method method) {
        method.setAccessible(true); // of records that are no public types
        try {
            return MethodHandles.lookup().unreflect(method);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " must be accessible", e);
        }
    }

    /** Returns the component's name in its record. */
    public String name() {
        return name;
    }

    /** Returns the type that its record declares. */
    public Class<?> type() {
        return values.raw();
    }

    /** Returns why the component stays out of identities, where it does. */
    public Optional<String> sameResult() {
        return Optional.ofNullable(sameResult).map(SameResult::value);
    }

    /** Returns the entry of a plan's identity through which the component enters, where the component itself does not write it. */
    public Optional<String> entersAs() {
        return text(setting == null ? "" : setting.entersAs());
    }

    /** Returns the name in identities and files. */
    public String key() {
        return ownKey().orElse(name);
    }

    /** Returns the name in identities and files where it was given. */
    Optional<String> ownKey() {
        return text(setting == null ? "" : setting.key());
    }

    /** Whether folders note the value. */
    public boolean noted() {
        return setting != null && setting.noted();
    }

    /** Returns what the option of a command does, where there is one. */
    public Optional<String> help() {
        return text(setting == null ? "" : setting.help());
    }

    /** Returns the option's name: {@code --learning-rate} for learningRate. */
    public String option() {
        return text(setting == null ? "" : setting.option())
                .map(own -> "--" + own)
                .orElseGet(() -> option(name));
    }

    /** Returns the name that the option of a component has unless the component gives it another. */
    public static String option(String name) {
        return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Returns what the help calls the option's value. */
    public String label() {
        Class<?> type = type();
        return text(setting == null ? "" : setting.label())
                .orElseGet(() -> type.isEnum()
                        ? Arrays.stream(type.getEnumConstants())
                                .map(ValueText::id)
                                .collect(Collectors.joining("|"))
                        : type == int.class || type == long.class ? "N" : "X");
    }

    /** Returns how the help says a default; nothing for a switch and for an optional value that is not there. */
    public Optional<String> shown(Object value) {
        String form = setting == null ? "%s" : setting.shown();
        boolean silent = value instanceof Boolean || (values.isOptional() && form.equals("%s"));
        return silent ? Optional.empty() : Optional.of(form.replace("%s", values.show(value)));
    }

    /** Returns a value's text in identities and files. */
    public String text(Object value) {
        return values.write(value);
    }

    /**
     * Reads a value.
     *
     * @param named what an error calls the component, such as the option
     * @throws InputException where the text is of no such value
     */
    public Object parse(String named, String text) {
        return values.read(named, text);
    }

    /** Returns a refusal of settings that names this component as an option, where its message speaks of it. */
    public InputException named(String named, InputException refused) {
        return Naming.of(this, named, refused);
    }

    /** Whether texts and JSON can be read back; a component that is not readable must not change the result. */
    public boolean isReadable() {
        return values.isReadable() || nested();
    }

    /** Whether the component is a record of settings itself. */
    public boolean nested() {
        return Settings.class.isAssignableFrom(type()) && type().isRecord();
    }

    /** Returns the component of a record. */
    Object of(Object settings) {
        try {
            return accessor.invoke(settings);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable checked) {
            throw new IllegalStateException(checked);
        }
    }

    @Nullable
    Object json(Object value) {
        return values.json(value);
    }

    Object read(String named, JsonTree json) {
        return values.read(named, json);
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    @Override
    public String toString() {
        return owner.getSimpleName() + "." + name;
    }
}
