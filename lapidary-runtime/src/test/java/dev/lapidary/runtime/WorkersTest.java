package dev.lapidary.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void everyThreadDoesTheWorkAtOnce() {
        CountDownLatch all = new CountDownLatch(3);
        Workers.run("counting", 3, () -> {
            all.countDown();
            all.await();
            return 0;
        });

        assertThat(all.getCount()).isZero();
    }

    @Test
    void theOthersHaveEndedWhenAFailureComesThrough() {
        InputException bad = new InputException("x must be y; got z");
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();

        assertThatThrownBy(() -> Workers.run("counting", 2, () -> {
                    if (begun.getAndIncrement() == 0) {
                        throw bad;
                    }
                    Thread.sleep(50);
                    return ended.incrementAndGet();
                }))
                .isSameAs(bad);
        assertThat(ended).hasValue(1);
    }

    @Test
    void errorsComeThroughAndCheckedFailuresAreNamed() {
        assertThatThrownBy(() -> Workers.run("counting", 1, () -> {
                    throw new StackOverflowError("deep");
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThatThrownBy(() -> Workers.run("counting", 0, () -> {
                    throw new IOException("torn");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("counting must end normally; got java.io.IOException: torn");
    }

    @Test
    void anInterruptionStaysKnown() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Workers.run("counting", 1, () -> {
                    Thread.sleep(60_000); // until it is interrupted too
                    return 0;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("counting was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }
}
