package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.MINUTES) // only a hang takes as long
class WorkCrewTest {
    @Test
    void everyWorkerRunsEveryBodyOnceAndSeesWhatWasWrittenBeforeTheBarrier() {
        int threads = 3;
        AtomicIntegerArray runs = new AtomicIntegerArray(threads);
        int[] plain = new int[threads];
        int[] seen = new int[threads];
        try (WorkCrew crew = new WorkCrew(threads)) {
            for (int round = 1; round <= 200; round++) {
                int value = round;
                crew.run(worker -> {
                    runs.incrementAndGet(worker);
                    plain[worker] = value;
                    crew.barrier();
                    seen[worker] = plain[(worker + 1) % threads];
                    crew.barrier();
                });
                assertThat(seen).containsOnly(round);
            }
        }
        assertThat(runs.toString()).isEqualTo("[200, 200, 200]");
    }

    @Test
    void failuresReachTheCallerEvenFromBeforeABarrier() {
        try (WorkCrew crew = new WorkCrew(2)) {
            for (int bad = 0; bad < 2; bad++) {
                int failing = bad;
                assertThatThrownBy(() -> crew.run(worker -> {
                            if (worker == failing) {
                                throw new IllegalArgumentException("worker " + worker);
                            }
                            crew.barrier();
                        }))
                        .hasMessage("worker " + failing);
            }
            int[] runs = new int[2];
            crew.run(worker -> {
                crew.barrier();
                runs[worker]++;
            });
            assertThat(runs).containsExactly(1, 1);
        }
    }

    @Test
    void aBodyThatIsNotSharedIsTheCallersAndItsFailureToo() {
        try (WorkCrew crew = new WorkCrew(2)) {
            List<Thread> seen = new ArrayList<>();
            crew.run(worker -> seen.add(Thread.currentThread()), false);
            assertThat(seen).containsExactly(Thread.currentThread());
            assertThatThrownBy(() -> crew.run(
                            worker -> {
                                throw new IllegalArgumentException("worker " + worker);
                            },
                            false))
                    .hasMessage("worker 0");
        }
    }

    @Test
    void closedCrewRefuses() {
        WorkCrew crew = new WorkCrew(2);
        crew.close();
        assertThatThrownBy(() -> crew.run(worker -> {})).hasMessageContaining("closed");
        assertThatThrownBy(() -> crew.run(worker -> {}, false)).hasMessageContaining("closed");
        assertThatThrownBy(() -> new WorkCrew(0)).hasMessageContaining("got 0");
    }
}
