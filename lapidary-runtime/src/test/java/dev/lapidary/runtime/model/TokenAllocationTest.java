package dev.lapidary.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.kernel.WeightType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Watches that reading a token allocates nothing once it is compiled, in a JVM of its own: what ran before decides what C2
 * inlines, and so whether vectors and slices of a call become objects. Methods are compiled in the thread that calls them,
 * so that a number of tokens says when all are compiled. C2 may decide otherwise once in many JVMs, so up to three are
 * asked.
 */
class TokenAllocationTest {
    private static final int ROUNDS = 200; // until all is compiled; about 20 are enough
    private static final int JVMS = 3;
    private static final String NOTHING = "allocated 0 and 0";

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @CsvSource({"LLAMA,F32,true", "QWEN3,BF16,true", "LLAMA,INT8,true", "GPT2,F32,false", "QWEN2,BF16,false"})
    void readingATokenAllocatesNothing(String family, String type, String sparse)
            throws IOException, InterruptedException {
        String[] flags = {
            "--add-modules=jdk.incubator.vector",
            "-Xbatch",
            "-Dfamily=" + family,
            "-Dtype=" + type,
            "-Dsparse=" + sparse
        };
        List<String> seen = new ArrayList<>();
        do {
            seen.add(OwnJvm.run(Decoding.class, flags).getLast());
        } while (!seen.getLast().equals(NOTHING) && seen.size() < JVMS);
        assertThat(seen).last().isEqualTo(NOTHING);
    }

    /** What the forked JVM runs. */
    static final class Decoding {
        private Decoding() {}

        public static void main(String[] args) {
            ModelFamily family = ModelFamily.valueOf(System.getProperty("family"));
            WeightType type = WeightType.valueOf(System.getProperty("type"));
            boolean sparse = Boolean.getBoolean("sparse");
            long alone = leastAllocated(family, type, sparse, 1); // which compiles all of it
            System.out.println("allocated " + alone + " and " + leastAllocated(family, type, sparse, 2));
        }
    }

    private static long leastAllocated(ModelFamily family, WeightType type, boolean sparse, int threads) {
        try (Model model = SmallDecoders.model(SessionTest.wide(family), type, sparse, threads);
                Session session = model.newSession()) {
            long least = Long.MAX_VALUE;
            for (int round = 0; least > 0 && round < ROUNDS; round++) {
                least = Math.min(least, allocatedByTokens(session));
            }
            return least;
        }
    }

    private static long allocatedByTokens(Session session) {
        int[] token = {5};
        Cancellation never = Cancellation.none();
        session.truncate(0);
        long before = allocated();
        long idle = allocated() - before; // what the question itself allocates
        before = allocated();
        for (int i = 0; i < 100; i++) {
            session.read(token, never);
        }
        return Math.max(0, allocated() - before - idle - 100);
    }

    /** Bytes that this thread and those of all crews have allocated. */
    private static long allocated() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null
                    && (info.getThreadId() == Thread.currentThread().threadId()
                            || info.getThreadName().startsWith("lapidary-kernel"))) {
                sum += threads.getThreadAllocatedBytes(info.getThreadId());
            }
        }
        return sum;
    }
}
