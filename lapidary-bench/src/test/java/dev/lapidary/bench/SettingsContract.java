package dev.lapidary.bench;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonTree;
import dev.lapidary.runtime.settings.Component;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Settings;
import dev.lapidary.train.TrainingSettings;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SortedMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * What must hold of every record of settings, whatever it sets.
 *
 * @param <S> the record
 */
final class SettingsContract<S extends Settings> {
    private static final int ITEMS = 1000; // of a plan
    private static final String NO_VALUE = "nonsense";

    private final Components<S> components;
    private final Class<S> type;
    private final List<String> violations = new ArrayList<>();

    private SettingsContract(Class<S> type) {
        this.type = type;
        components = Components.of(type);
    }

    /** Returns what does not hold, a line each. */
    static <S extends Settings> List<String> violations(Class<S> type) {
        SettingsContract<S> contract = new SettingsContract<>(type);
        contract.check();
        return contract.violations;
    }

    private void check() {
        S defaults = components.defaults();
        requireRead(defaults, "defaults");
        requireUnknownIsRefused(defaults);
        Map<String, Component> options = new LinkedHashMap<>();
        components.leaves().forEach((path, component) -> {
            component.sameResult().ifPresent(reason -> require(!reason.isBlank(), path, "must say why it is left out"));
            require(
                    component.isReadable() || component.sameResult().isPresent(),
                    path,
                    "must be of a type that can be read back, or not change the result");
            boolean alone = component.help().isEmpty() || options.put(component.option(), component) == null;
            require(alone, path, "must have an option of its own; got " + component.option());
            if (component.isReadable()) {
                changeOf(path, component, defaults)
                        .ifPresentOrElse(
                                change -> check(path, component, change),
                                () -> require(false, path, "must be one that can be changed"));
                requireNamed(path, component, defaults);
            }
        });
    }

    private void require(boolean holds, String path, String what) {
        if (!holds) {
            violations.add(type.getSimpleName() + "." + path + " " + what);
        }
    }

    /** Settings before and after a change of one component. */
    private record Change<S>(S before, S after) {}

    private void check(String path, Component component, Change<S> change) {
        boolean decides = component.sameResult().isEmpty();
        components.leaves().keySet().forEach(other -> {
            boolean same = Objects.equals(
                    components.get(change.before(), other), components.get(change.after(), other));
            require(same != other.equals(path), path, "must change alone; " + other + (same ? " stayed" : " changed"));
        });
        boolean entered = !Components.identity(change.before()).equals(Components.identity(change.after()));
        require(entered == decides, path, decides ? "must enter the identity" : "must stay out of the identity");
        requireRead(change.after(), path);
        requireWither(path, component, change);
        if (change.before() instanceof TrainingSettings before && change.after() instanceof TrainingSettings after) {
            requirePlanned(path, component, before.plan(ITEMS).identity(), after.plan(ITEMS).identity());
        }
    }

    /** The identity of a training's plan is what refuses a checkpoint of other settings. */
    private void requirePlanned(
            String path, Component component, SortedMap<String, String> before, SortedMap<String, String> after) {
        if (component.sameResult().isPresent()) {
            return;
        }
        require(!before.equals(after), path, "must enter the identity of its training's plan");
        component.entersAs().ifPresent(key -> {
            boolean enters = before.containsKey(key) && !Objects.equals(before.get(key), after.get(key));
            require(enters, path, "must enter the plan as " + key);
        });
    }

    private void requireRead(S settings, String path) {
        byte[] json = JsonMapper.shared()
                .writeValueAsString(Components.json(settings))
                .getBytes(StandardCharsets.UTF_8);
        S read = Components.read(JsonTree.object("settings", json), settings);
        S fromDefaults = components.leaves().values().stream().allMatch(Component::isReadable)
                ? Components.read(JsonTree.object("settings", json), type)
                : settings;
        require(read.equals(settings) && fromDefaults.equals(settings), path, "must be read back as it was written");
    }

    private void requireUnknownIsRefused(S defaults) {
        byte[] json = "{\"no such setting\": 1}".getBytes(StandardCharsets.UTF_8);
        try {
            Components.read(JsonTree.object("settings", json), defaults);
            require(false, "?", "must refuse a member without a component");
        } catch (InputException refused) {
            require(String.valueOf(refused.getMessage()).endsWith("got no such setting"), "?", "must say what came");
        }
    }

    /** Where the record has a method of its own for the change, it must do the same. */
    private void requireWither(String path, Component component, Change<S> change) {
        String name = "with" + path.substring(0, 1).toUpperCase(Locale.ROOT) + path.substring(1);
        Object value = components.get(change.after(), path);
        for (Method method : type.getMethods()) {
            boolean takes = method.getName().equals(name)
                    && method.getParameterCount() == 1
                    && method.getParameterTypes()[0] == component.type();
            if (takes) {
                try {
                    require(
                            change.after().equals(method.invoke(change.before(), value)),
                            path,
                            "must be what " + name + " changes, alone");
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** A refused value's message must name the component, or its option, and say what came. */
    private void requireNamed(String path, Component component, S defaults) {
        try {
            component.parse(component.option(), NO_VALUE);
        } catch (RuntimeException refused) {
            String message = String.valueOf(refused.getMessage());
            require(
                    message.startsWith(component.option()) && message.contains(NO_VALUE),
                    path,
                    "must be named where a text is refused; got " + message);
        }
        for (Object bad : badValues(components.get(defaults, path))) {
            try {
                Components.with(defaults, path, bad);
            } catch (RuntimeException refused) {
                String message = String.valueOf(refused.getMessage());
                boolean named = letters(message).contains(letters(component.name()))
                        || letters(message).contains(letters(component.option()));
                String text = component.text(bad);
                require(named && message.contains(text), path, "must be named with " + text + "; got " + message);
            }
        }
    }

    private static String letters(String text) {
        return text.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    private static List<?> badValues(Object value) {
        return switch (value) {
            case Integer whole -> List.of(-1, 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case Long whole -> List.of(-1L, 0L, Long.MIN_VALUE);
            case Double number ->
                List.of(-1.0, 0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300);
            case OptionalDouble number -> List.of(OptionalDouble.of(-1), OptionalDouble.of(Double.NaN));
            default -> List.of();
        };
    }

    /** Finds a change of one component, from the defaults or, where they admit none, from them with another component changed. */
    private Optional<Change<S>> changeOf(String path, Component component, S defaults) {
        List<S> starts = new ArrayList<>(List.of(defaults));
        components.leaves().forEach((other, one) -> {
            if (!other.equals(path) && one.isReadable()) {
                starts.addAll(changed(other, one, defaults));
            }
        });
        return starts.stream()
                .flatMap(start -> changed(path, component, start).stream()
                        .map(after -> new Change<>(start, after))
                        .filter(change -> !(change.before() instanceof TrainingSettings before
                                && change.after() instanceof TrainingSettings after
                                && component.entersAs().isPresent()
                                && before.plan(ITEMS).identity().equals(after.plan(ITEMS).identity()))))
                .findFirst()
                .or(() -> starts.stream()
                        .flatMap(start -> changed(path, component, start).stream()
                                .map(after -> new Change<>(start, after)))
                        .findFirst());
    }

    private List<S> changed(String path, Component component, S start) {
        List<S> changed = new ArrayList<>();
        Object value = components.get(start, path);
        for (Object other : otherValues(component, value)) {
            try {
                S after = Components.with(start, path, other);
                if (!Objects.equals(components.get(after, path), value)) {
                    changed.add(after);
                }
            } catch (RuntimeException refused) {
                continue; // the next may do
            }
        }
        return changed;
    }

    private static List<?> otherValues(Component component, Object value) {
        return switch (value) {
            case Boolean truth -> List.of(!truth);
            case Integer whole -> List.of(whole + 1, whole * 2, whole / 2, 1, 2, 3, 64);
            case Long whole -> List.of(whole + 1, whole * 2, whole / 2, 1L, 2L, 3L, 64L);
            case Double number -> List.of(number / 2, number * 2, 0.5, 0.25, 1.0);
            case Enum<?> one -> List.of(one.getDeclaringClass().getEnumConstants());
            case OptionalDouble number -> List.of(OptionalDouble.of(3), OptionalDouble.of(0.5));
            case OptionalInt whole -> List.of(OptionalInt.of(3));
            case OptionalLong whole -> List.of(OptionalLong.of(3));
            default -> otherTexts(component, component.text(value));
        };
    }

    /** Values of which the type itself reads another text: one more word, or another digit somewhere. */
    private static List<?> otherTexts(Component component, String text) {
        List<String> texts = new ArrayList<>(List.of("x", text + " x", text + " 0.5", text + "x"));
        for (int i = 0; i < text.length(); i++) {
            if (Character.isDigit(text.charAt(i))) {
                for (int digit = 9; digit >= 0; digit--) {
                    texts.add(text.substring(0, i) + digit + text.substring(i + 1));
                }
            }
        }
        List<Object> values = new ArrayList<>();
        for (String other : texts) {
            try {
                values.add(component.parse(component.name(), other));
            } catch (RuntimeException refused) {
                continue; // the next may do
            }
        }
        return values;
    }
}
