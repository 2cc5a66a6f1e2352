package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Component;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the contract of settings for every record of them that the modules have; none is named here. */
class SettingsContractTest {
    static List<Class<? extends Settings>> found() {
        return ArchitectureTest.PROJECT.stream()
                .filter(type -> type.isRecord() && type.isAssignableTo(Settings.class))
                .<Class<? extends Settings>>map(type -> load(type).asSubclass(Settings.class))
                .toList();
    }

    private static Class<?> load(JavaClass type) {
        try {
            return Class.forName(type.getName());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("found")
    void everyComponentIsReadOnceForAllItsUses(Class<? extends Settings> type) {
        assertThat(SettingsContract.violations(type)).isEmpty();
    }

    @Test
    void whatTheModulesHaveIsFound() {
        assertThat(found()).hasSizeGreaterThan(10);
    }

    @Test
    void aRecordWithDefaultsIsOneOfSettings() {
        assertThat(ArchitectureTest.PROJECT.stream()
                        .filter(JavaClass::isRecord)
                        .filter(type -> type.getMethods().stream()
                                .anyMatch(method -> method.getName().equals("defaults")
                                        && method.getModifiers().contains(JavaModifier.STATIC)
                                        && method.getRawParameterTypes().isEmpty()))
                        .filter(type -> !type.isAssignableTo(Settings.class))
                        .map(JavaClass::getName))
                .isEmpty();
    }

    @Test
    void whatEntersThroughAPlanIsPartOfATraining() {
        Set<Class<?>> planned = new HashSet<>();
        found().stream().filter(TrainingSettings.class::isAssignableFrom).forEach(type -> addWithInner(type, planned));

        assertThat(found().stream()
                        .filter(type -> Components.of(type).list().stream()
                                .anyMatch(component -> component.entersAs().isPresent())))
                .isNotEmpty()
                .allMatch(planned::contains);
    }

    private static void addWithInner(Class<? extends Settings> type, Set<Class<?>> all) {
        all.add(type);
        Components.of(type).list().stream()
                .filter(Component::nested)
                .forEach(component -> addWithInner(component.type().asSubclass(Settings.class), all));
    }

    // --- records that break it -----------------------------------------------------------------

    /** A training whose plan leaves the decay out, as that of the adapters once did. */
    record Forgetful(@Setting(entersAs = "steps") int steps, double rate, double decay) implements TrainingSettings {
        static Forgetful defaults() {
            return new Forgetful(10, 0.1, 0.2);
        }

        @Override
        public TrainingPlan plan(int items) {
            return TrainingPlan.of(steps, 0).setting("rate", Double.toString(rate));
        }
    }

    /** A training whose plan has something else under the entry that a component claims. */
    record Claiming(@Setting(entersAs = "steps") int epochs) implements TrainingSettings {
        static Claiming defaults() {
            return new Claiming(10);
        }

        @Override
        public TrainingPlan plan(int items) {
            return TrainingPlan.of(5, epochs);
        }
    }

    record Silent(@SameResult(" ") int threads) implements Settings {
        static Silent defaults() {
            return new Silent(1);
        }
    }

    record Unreadable(Thread thread) implements Settings {
        static Unreadable defaults() {
            return new Unreadable(Thread.currentThread());
        }
    }

    /** Public, so that its methods can be called. */
    public record Careless(int first, int second) implements Settings {
        static Careless defaults() {
            return new Careless(1, 1);
        }

        /** Changes both. */
        public Careless withFirst(int newFirst) {
            return new Careless(newFirst, newFirst);
        }
    }

    record Mute(int size) implements Settings {
        Mute {
            if (size < 1) {
                throw new InputException("that is too small");
            }
        }

        static Mute defaults() {
            return new Mute(1);
        }
    }

    record Twice(@Setting(help = "One.", option = "n") int one, @Setting(help = "Another.", option = "n") int other)
            implements Settings {
        static Twice defaults() {
            return new Twice(1, 1);
        }
    }

    static Stream<List<Object>> broken() {
        return Stream.of(
                List.of(Forgetful.class, "Forgetful.decay must enter the identity of its training's plan"),
                List.of(Claiming.class, "Claiming.epochs must enter the plan as steps"),
                List.of(Silent.class, "Silent.threads must say why it is left out"),
                List.of(
                        Unreadable.class,
                        "Unreadable.thread must be of a type that can be read back, or not change the result"),
                List.of(Careless.class, "Careless.first must be what withFirst changes, alone"),
                List.of(Mute.class, "Mute.size must be named with -1; got that is too small"),
                List.of(Twice.class, "Twice.other must have an option of its own; got --n"));
    }

    @ParameterizedTest
    @MethodSource
    void broken(List<Object> expected) {
        Class<? extends Settings> type = ((Class<?>) expected.getFirst()).asSubclass(Settings.class);

        assertThat(SettingsContract.violations(type)).contains(expected.getLast().toString());
    }
}
