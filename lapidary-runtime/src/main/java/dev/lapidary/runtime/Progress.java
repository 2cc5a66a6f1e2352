package dev.lapidary.runtime;

/** Where long work reports how far it is. The command line draws it, a service may ignore it. */
public interface Progress {
    /**
     * Begins a piece of work.
     *
     * @param name what is being done, a few words
     * @param total number of steps, or a negative number where it is not known
     */
    Task start(String name, long total);

    /** Reports to nobody. */
    static Progress silent() {
        return (name, total) -> SilentTask.INSTANCE;
    }

    /** One piece of work under way; closing it ends its display. */
    interface Task extends AutoCloseable {
        /** Reports that this many more steps are done. */
        void advance(long steps);

        /** Shows a short text beside the steps, such as a loss. */
        default void note(String text) {}

        @Override
        void close();
    }

    /** The task of {@link Progress#silent()}. */
    enum SilentTask implements Task {
        /** The only one. */
        INSTANCE;

        @Override
        public void advance(long steps) {}

        @Override
        public void close() {}
    }
}
