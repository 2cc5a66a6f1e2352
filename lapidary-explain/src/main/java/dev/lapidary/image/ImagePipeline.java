package dev.lapidary.image;

import dev.lapidary.image.ImageList.Labels;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Workers;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One reading of all pictures: several threads work ahead by at most a batch, one hands the results over in order. */
final class ImagePipeline<T> {
    private static final String WORK = "reading of images";
    private static final int LOOK_MILLIS = 200; // between two looks whether to go on

    private final ImageList images;
    private final Labels labels;
    private final ImageWork<T> work;
    private final Consumer<List<ReadImage<T>>> sink;
    private final Runnable waiting;
    private final PixelBudget budget = new PixelBudget(Runtime.getRuntime().maxMemory());

    private final List<SkippedImage> skipped = new ArrayList<>();
    private final Set<String> classes = new HashSet<>();
    private List<ReadImage<T>> results = new ArrayList<>();
    private int read;

    /**
     * Prepares a reading.
     *
     * @param waiting called every now and then while a picture is waited for; what it throws ends the reading
     */
    ImagePipeline(
            ImageList images, Labels labels, ImageWork<T> work, Consumer<List<ReadImage<T>>> sink, Runnable waiting) {
        this.waiting = waiting;
        this.images = images;
        this.labels = labels;
        this.work = work;
        this.sink = sink;
        skipped.addAll(images.skipped());
    }

    ImageReport run(int batch, int threads) {
        ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads));
        try {
            readAll(pool, batch, Math.max(batch, threads));
        } catch (InterruptedException interruption) {
            throw Workers.interrupted(WORK, interruption);
        } catch (ExecutionException failure) {
            throw Workers.failure(WORK, failure);
        } finally {
            pool.shutdownNow();
        }
        if (read == 0 && images.items().size() == 1 && skipped.size() == 1) {
            throw new InputException(skipped.getFirst().reason());
        }
        if (read == 0) {
            throw new InputException(images.where() + ": must hold an image that can be read; got none of "
                    + images.items().size() + ", the first because "
                    + skipped.getFirst().reason());
        }
        images.requireClasses(labels, classes);
        return new ImageReport(read, skipped, images.remarks());
    }

    private void readAll(ExecutorService pool, int batch, int ahead) throws InterruptedException, ExecutionException {
        Queue<Future<Outcome<T>>> running = new ArrayDeque<>();
        List<ImageItem> items = images.items();
        for (int i = 0; i < items.size(); i++) {
            if (running.size() == ahead) {
                take(await(running.remove()), batch);
            }
            int item = i;
            running.add(pool.submit(() -> outcome(items.get(item), item)));
        }
        while (!running.isEmpty()) {
            take(await(running.remove()), batch);
        }
        if (!results.isEmpty()) {
            handOver();
        }
    }

    private Outcome<T> await(Future<Outcome<T>> running) throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return running.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                waiting.run();
            }
        }
    }

    private void take(Outcome<T> outcome, int batch) {
        switch (outcome) {
            case Outcome.Skipped<T>(SkippedImage one) -> skipped.add(one);
            case Outcome.Done<T>(ReadImage<T> one) -> {
                read++;
                one.item().label().ifPresent(classes::add);
                results.add(one);
                if (results.size() == batch) {
                    handOver();
                }
            }
        }
    }

    private void handOver() {
        List<ReadImage<T>> full = results;
        results = new ArrayList<>();
        sink.accept(full);
    }

    private Outcome<T> outcome(ImageItem item, int at) {
        String name = item.name();
        try {
            return new Outcome.Done<>(new ReadImage<>(item, result(name, images.read(at))));
        } catch (InputException e) {
            return new Outcome.Skipped<>(new SkippedImage(
                    name, String.valueOf(InputException.in(name, e).getMessage())));
        } catch (IOException e) {
            return new Outcome.Skipped<>(new SkippedImage(name, name + ": must be readable; got " + e));
        } catch (OutOfMemoryError e) {
            return new Outcome.Skipped<>(
                    new SkippedImage(name, name + ": must fit into memory; got " + e.getMessage()));
        }
    }

    private T result(String name, byte[] file) {
        try (Decoding picture = new Decoding(name, file, budget)) {
            return work.apply(file, picture);
        }
    }

    /** What one picture became. */
    private sealed interface Outcome<T> {
        record Done<T>(ReadImage<T> one) implements Outcome<T> {}

        record Skipped<T>(SkippedImage one) implements Outcome<T> {}
    }
}
