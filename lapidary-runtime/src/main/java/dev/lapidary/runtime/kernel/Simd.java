package dev.lapidary.runtime.kernel;

import java.util.Locale;

/**
 * Says whether kernels use the Vector API, at which width, and if not, why not.
 *
 * <p>{@code jdk.incubator.vector} is an incubating module: a JVM resolves it only when it was started with
 * {@code --add-modules=jdk.incubator.vector}. This class mentions no type of it, so it loads in any JVM; code that does
 * mention them stands in classes of its own, which a kernel touches only after {@link #on()} said yes. Where SIMD is off
 * every kernel runs its scalar twin.
 *
 * <p>The system property {@value #PROPERTY} overrides the choice: {@code off}, or a width in bits (128, 256 or 512).
 */
public final class Simd {
    /** Name of the system property that overrides the width. */
    public static final String PROPERTY = "lapidary.simd";

    private static final int WIDEST = 512;
    private static final Choice CHOICE = choose(System.getProperty(PROPERTY, "").strip());

    private Simd() {}

    /** Whether kernels use the Vector API. */
    public static boolean on() {
        return CHOICE.bits > 0;
    }

    /** Width of a vector in bits: 128, 256 or 512, or 0 where SIMD is off. */
    public static int bits() {
        return CHOICE.bits;
    }

    /** One line for a report: the width that was chosen, or the reason why SIMD is off. */
    public static String describe() {
        return CHOICE.reason;
    }

    private static Choice choose(String wish) {
        if (wish.toLowerCase(Locale.ROOT).equals("off")) {
            return new Choice(0, "SIMD off: -D" + PROPERTY + "=off");
        }
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new Choice(0, "SIMD off: start the JVM with --add-modules=jdk.incubator.vector");
        }
        int preferred = SpeciesProbe.preferredBits();
        if (!wish.isEmpty()) {
            return switch (wish) {
                case "128", "256", "512" ->
                    new Choice(Integer.parseInt(wish), "SIMD on: " + wish + "-bit vectors, as -D" + PROPERTY + " asks");
                default -> throw new IllegalArgumentException(PROPERTY + " must be off, 128, 256 or 512; got " + wish);
            };
        }
        if (preferred < 128) {
            return new Choice(0, "SIMD off: this CPU offers vectors of " + preferred + " bits, 128 are needed");
        }
        int bits = Math.min(preferred, WIDEST);
        return new Choice(bits, "SIMD on: " + bits + "-bit vectors");
    }

    private record Choice(int bits, String reason) {}
}
