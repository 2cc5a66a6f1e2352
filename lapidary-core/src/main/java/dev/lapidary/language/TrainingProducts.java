package dev.lapidary.language;

import dev.lapidary.torch.Products;
import dev.lapidary.torch.Torch;
import org.jspecify.annotations.Nullable;

/**
 * Lets a model multiply in a type until it closes, with the threads that suit it; then all is as it was.
 *
 * <p>Products in bfloat16 run on the threads of PyTorch's own operations, so those get all, and the few float32 products that are
 * left (of attention and of the output layer) run each on the thread that asks for it: two pools that wait for each other cost more
 * than they bring.
 */
public final class TrainingProducts implements AutoCloseable {
    private final LanguageModel model;
    private final Products before;
    private final int operations;
    private final int products;
    private final Torch.@Nullable Lease single;

    private TrainingProducts(LanguageModel model, Products type) {
        this.model = model;
        before = model.products();
        operations = Torch.operationThreads();
        products = Torch.threads();
        model.multiplyIn(type);
        if (type == Products.BF16) {
            Torch.setThreads(products, products);
            single = Torch.oneThreadPerProduct();
        } else {
            single = null;
        }
    }

    /** Begins; see {@link LanguageModel#multiplyIn}. */
    public static TrainingProducts in(Products type, LanguageModel model) {
        return new TrainingProducts(model, type);
    }

    @Override
    public void close() {
        model.multiplyIn(before);
        if (single != null) {
            single.close();
            Torch.setThreads(operations, products);
        }
    }
}
