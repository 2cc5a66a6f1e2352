package dev.lapidary.app.command;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;

/** Passes progress on, and stops work that only reports it, such as encoding, where somebody asked to stop. */
record StoppingProgress(Progress progress, Cancellation cancellation) implements Progress {
    @Override
    public Task start(String name, long total) {
        cancellation.check();
        return new StoppingTask(progress.start(name, total), cancellation);
    }

    private record StoppingTask(Task task, Cancellation cancellation) implements Task {
        @Override
        public void advance(long steps) {
            task.advance(steps);
            cancellation.check();
        }

        @Override
        public void note(String text) {
            task.note(text);
        }

        @Override
        public void close() {
            task.close();
        }
    }
}
