package dev.lapidary.runtime.forbidden;

import dev.lapidary.app.Main;

/** Breaks the arrow app -> core -> runtime, so that a test can see the rule fail. */
public final class KnowsTheApp {
    private KnowsTheApp() {}

    public static Class<?> forbidden() {
        return Main.class;
    }
}
