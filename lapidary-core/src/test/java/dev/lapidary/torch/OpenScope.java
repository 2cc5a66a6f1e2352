package dev.lapidary.torch;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs each test of a class in a scope of its own, which frees every tensor that the test made. */
public final class OpenScope implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(OpenScope.class);

    @Override
    public void beforeEach(ExtensionContext test) {
        test.getStore(HERE).put(TorchScope.class, TorchScope.open());
    }

    @Override
    public void afterEach(ExtensionContext test) {
        TorchScope scope = test.getStore(HERE).remove(TorchScope.class, TorchScope.class);
        if (scope != null) {
            scope.close();
        }
    }
}
