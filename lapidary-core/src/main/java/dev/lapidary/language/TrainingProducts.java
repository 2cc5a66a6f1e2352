package dev.lapidary.language;

import dev.lapidary.torch.Torch;

/**
 * Lets a model multiply in a type, and PyTorch's own operations use as many threads as its products, until it closes; then all is as
 * it was. In bfloat16 the products run on the threads of the operations, of which the library otherwise uses one.
 */
public final class TrainingProducts implements AutoCloseable {
    private final LanguageModel model;
    private final Products before;
    private final int operations;
    private final int products;

    private TrainingProducts(LanguageModel model, Products type) {
        this.model = model;
        before = model.products();
        operations = Torch.operationThreads();
        products = Torch.threads();
        model.multiplyIn(type);
        Torch.setThreads(products, products);
    }

    /** Begins; see {@link LanguageModel#multiplyIn}. */
    public static TrainingProducts in(Products type, LanguageModel model) {
        return new TrainingProducts(model, type);
    }

    @Override
    public void close() {
        model.multiplyIn(before);
        Torch.setThreads(operations, products);
    }
}
