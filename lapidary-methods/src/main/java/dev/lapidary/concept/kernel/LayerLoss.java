package dev.lapidary.concept.kernel;

/**
 * The vector form of a {@link BottleneckLoss}: adds its gradient to that of c, panel by panel. One object serves all
 * workers; what it keeps it keeps by panel or by worker.
 */
sealed interface LayerLoss permits NoLayerLoss, GumbelLayerLoss, ContrastiveLayerLoss, SimilarityLayerLoss {
    /** Returns the form for a loss; the L1 loss is none here, since it acts on W where that is updated. */
    static LayerLoss of(BottleneckMemory memory, int threads) {
        return switch (memory.settings.loss()) {
            case BottleneckLoss.None none -> new NoLayerLoss();
            case BottleneckLoss.L1 one -> new NoLayerLoss();
            case BottleneckLoss.Contrastive contrastive -> new ContrastiveLayerLoss(memory, threads);
            case BottleneckLoss.Gumbel gumbel -> new GumbelLayerLoss(memory, gumbel.temperature(), threads);
            case BottleneckLoss.Similarity similarity -> new SimilarityLayerLoss(memory, similarity.cubed());
        };
    }

    /** Sets the gradient of a panel as far as it needs that panel only; c of the panel is there. */
    void before(BottleneckMemory memory, int panel);

    /** Works out, for one worker, what needs all panels. */
    void join(BottleneckMemory memory, int worker);

    /** Adds the rest to the gradient of a panel. */
    void after(BottleneckMemory memory, int panel, int worker);

    /** Returns the loss, after all of that. */
    double value(BottleneckMemory memory);
}
