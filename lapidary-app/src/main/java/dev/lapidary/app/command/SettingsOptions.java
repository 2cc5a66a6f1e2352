package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Component;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/**
 * The options of a command that are components of a settings record: each {@link dev.lapidary.runtime.settings.Setting} with a help
 * becomes one, and what is not given keeps the record's default. A mixin of commands.
 */
@Command
final class SettingsOptions<S extends Settings> {
    private final S defaults;
    private final Components<S> components;
    private final List<String> without;
    private final Map<String, Object> given = new LinkedHashMap<>(); // texts, and true for switches, by path

    private SettingsOptions(S defaults, Components<S> components, List<String> without) {
        this.defaults = defaults;
        this.components = components;
        this.without = without;
    }

    /**
     * Makes the options of a record.
     *
     * @param without paths of components that the command asks for in another way
     */
    static <S extends Settings> SettingsOptions<S> of(Class<S> type, String... without) {
        Components<S> components = Components.of(type);
        return new SettingsOptions<>(components.defaults(), components, List.of(without));
    }

    /** Picocli calls this where the mixin stands in its command. */
    @Spec(Spec.Target.MIXEE)
    void addTo(CommandSpec command) {
        components.leaves().forEach((path, component) -> {
            if (!without.contains(path)) {
                component.help().ifPresent(help -> command.addOption(option(path, component, help)));
            }
        });
    }

    private OptionSpec option(String path, Component component, String help) {
        boolean isSwitch = component.type() == boolean.class;
        String description = component
                .shown(components.get(defaults, path))
                .map(shown -> help + " Default: " + shown + ".")
                .orElse(help);
        OptionSpec.Builder option = OptionSpec.builder(component.option())
                .description(description.replace("%", "%%"))
                .type(isSwitch ? boolean.class : String.class)
                .arity(isSwitch ? "0" : "1")
                .getter(new Getter(path))
                .setter(new Setter(path));
        return (isSwitch ? option : option.paramLabel(component.label())).build();
    }

    /** Hands what was given to picocli. */
    private final class Getter implements picocli.CommandLine.Model.IGetter {
        private final String path;

        Getter(String path) {
            this.path = path;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // picocli's signature
        public <T> T get() {
            return (T) given.get(path);
        }
    }

    /** Takes what is given from picocli; nothing, before a command line is read. */
    private final class Setter implements picocli.CommandLine.Model.ISetter {
        private final String path;

        Setter(String path) {
            this.path = path;
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"}) // picocli's signature
        public <T> T set(@Nullable T value) {
            return (T) (value == null ? given.remove(path) : given.put(path, value));
        }
    }

    /** Whether the command line has an option. */
    boolean isGiven(String path) {
        return given.containsKey(path);
    }

    /** Returns the defaults with what is given. */
    S settings() {
        return settings(defaults);
    }

    /**
     * Returns other settings with what is given.
     *
     * @throws InputException where a value is refused; it names the option
     */
    S settings(S others) {
        Map<String, Component> leaves = components.leaves();
        Map<String, Object> changes = new LinkedHashMap<>();
        given.forEach((path, value) -> {
            Component component = leaves.get(path);
            if (component != null) {
                changes.put(path, value instanceof String text ? component.parse(component.option(), text) : value);
            }
        });
        try {
            return Components.with(others, changes);
        } catch (InputException refused) {
            InputException named = refused;
            for (Component component : leaves.values()) {
                named = component.help().isPresent() ? component.named(component.option(), named) : named;
            }
            throw named;
        }
    }
}
