package dev.lapidary.bench;

import dev.lapidary.torch.Torch;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * A side of a comparison that uses PyTorch, in a JVM of its own, where OpenBLAS chooses its kernels (see {@link ChildJvm}).
 *
 * <p>A request is one line to the child, and so is its answer, in JSON. Between two requests the child waits for input and does
 * nothing, so that both sides of a comparison can be measured in turns. It ends when its input ends, hence also with its parent.
 */
final class SideProcess implements AutoCloseable {
    private static final String THREADS = "threads ";
    private static final String OPEN_BLAS = "openBlas";
    private static final String ANSWER = "answer ";
    private static final String PROBLEM = "problem ";
    private static final int SECONDS_TO_END = 10;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String name;
    private final Process process;
    private final Thread stop; // a benchmark that is stopped leaves no side at work
    private final Writer requests;
    private final BufferedReader answers;

    private SideProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.stop = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(stop);
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Which kernels OpenBLAS uses, and on how many threads. */
    private record OpenBlas(String kernel, int threads) {}

    /** Starts a class whose main method calls {@link #serve}. */
    static SideProcess start(Class<?> main, String... arguments) {
        return start(main.getSimpleName(), ChildJvm.builder(List.of(), main, List.of(arguments)));
    }

    /**
     * Starts a child with options or an environment of its own.
     *
     * @param name for messages
     */
    static SideProcess start(String name, ProcessBuilder child) {
        try {
            return new SideProcess(name, child.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the child answer a request and returns the answer. */
    <T> T ask(String request, Class<T> type) {
        try {
            send(request);
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(ANSWER)) {
                    return JSON.readValue(line.substring(ANSWER.length()), type);
                }
                if (line.startsWith(PROBLEM)) {
                    throw unanswered(request, line.substring(PROBLEM.length()));
                }
                System.err.println(line); // a native library wrote it
            }
        } catch (IOException e) {
            throw unanswered(request, e.toString());
        }
        throw unanswered(request, "exit status " + process.onExit().join().exitValue());
    }

    private void send(String request) {
        try {
            requests.write(request + "\n");
            requests.flush();
        } catch (IOException closed) {
            // the child has ended: its last line or its exit status says why
        }
    }

    private IllegalStateException unanswered(String request, String what) {
        return new IllegalStateException("the process of " + name + " must answer " + request + "; got " + what);
    }

    /** Lets the child answer a request with a number. */
    double number(String request) {
        return ask(request, Double.class);
    }

    /** Sets the child's threads as {@link Torch#setThreads(int, int)} does. */
    void setThreads(int operations, int products) {
        ask(THREADS + operations + " " + products, Boolean.class);
    }

    /** Adds the kernels and the present threads of the child's OpenBLAS to the result of a benchmark. */
    void report(Map<String, Object> result) {
        OpenBlas openBlas = ask(OPEN_BLAS, OpenBlas.class);
        result.put("openBlas", openBlas.kernel());
        result.put("openBlasThreads", openBlas.threads());
    }

    /** Ends the child; it finishes what it does first, for some seconds. */
    @Override
    public void close() {
        try {
            requests.close();
        } catch (IOException closed) {
            // the child has ended already
        }
        process.onExit()
                .completeOnTimeout(process, SECONDS_TO_END, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(stop);
    }

    /**
     * Answers the parent's requests in the child until there are no more, then ends the process.
     *
     * @param preparation makes what the side needs and returns what each request does, by name
     */
    static void serve(Supplier<Map<String, Supplier<?>>> preparation) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err); // what a library prints is no answer
        int status = 0;
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Map<String, Supplier<?>> known = preparation.get();
            for (String request = in.readLine(); request != null; request = in.readLine()) {
                out.println(ANSWER + JSON.writeValueAsString(answer(known, request)));
            }
        } catch (IOException | RuntimeException | Error problem) {
            problem.printStackTrace();
            out.println(PROBLEM + problem.toString().replace('\n', ' '));
            status = 1;
        }
        System.exit(status); // native libraries may have started threads of their own
    }

    private static Object answer(Map<String, Supplier<?>> known, String request) {
        if (request.equals(OPEN_BLAS)) {
            return new OpenBlas(Torch.openBlasKernel(), Torch.threads());
        }
        if (request.startsWith(THREADS)) {
            String[] counts = request.substring(THREADS.length()).split(" ", 2);
            Torch.setThreads(Integer.parseInt(counts[0]), Integer.parseInt(counts[1]));
            return true;
        }
        Supplier<?> work = known.get(request);
        if (work == null) {
            throw new IllegalArgumentException("requests must be among " + known.keySet() + "; got " + request);
        }
        return work.get();
    }
}
