package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The nonlinearities between the linears of an MLP. */
public enum Activation {
    /** x·sigmoid(x). */
    SILU("silu", "swish"),
    /** x·Φ(x), exact. */
    GELU("gelu"),
    /** GELU by its tanh approximation, GPT-2's. */
    GELU_TANH("gelu_new", "gelu_pytorch_tanh"),
    /** max(x, 0). */
    RELU("relu");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> names;

    Activation(String... names) {
        this.names = List.of(names);
    }

    /** Returns the name in {@code config.json}. */
    public String id() {
        return names.getFirst();
    }

    /** Returns the activation with a name; otherwise fails with an error that names the place and lists what is supported. */
    public static Activation of(String where, String name) {
        for (Activation activation : values()) {
            if (activation.names.contains(name)) {
                return activation;
            }
        }
        String supported =
                Arrays.stream(values()).flatMap(a -> a.names.stream()).collect(Collectors.joining(", "));
        throw new InputException(where + ": activation must be one of " + supported + "; got " + name);
    }
}
