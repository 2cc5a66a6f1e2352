package dev.lapidary.count;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Nets whose counts are published, or counted here by hand. */
class CostTest {
    @Test
    void lenet() {
        Cost first = Cost.convolution(1, 6, 25, 28 * 28, true); // 150 + 6 parameters, 117,600 multiply-adds
        Cost second = Cost.convolution(6, 16, 25, 10 * 10, true); // 2,400 + 16; 240,000
        Cost dense =
                Cost.linear(400, 120, true).plus(Cost.linear(120, 84, true)).plus(Cost.linear(84, 10, true));

        assertThat(first).isEqualTo(new Cost(156, 624, 117_600));
        assertThat(second).isEqualTo(new Cost(2_416, 9_664, 240_000));
        assertThat(dense).isEqualTo(new Cost(59_134, 4 * 59_134, 58_920));
        assertThat(first.plus(second).plus(dense)).isEqualTo(new Cost(61_706, 246_824, 416_520));
    }

    @Test
    void gpt2() {
        Cost attention = Cost.linear(768, 3 * 768, true).plus(Cost.linear(768, 768, true));
        Cost inner = Cost.linear(768, 3072, true).plus(Cost.linear(3072, 768, true));
        Cost block = attention.plus(inner).plus(Cost.norm(768, true).times(2));
        Cost net = Cost.embedding(50_257, 768)
                .plus(Cost.embedding(1_024, 768))
                .plus(block.times(12))
                .plus(Cost.norm(768, true));

        assertThat(block.parameters()).isEqualTo(7_087_872);
        assertThat(net.parameters()).isEqualTo(124_439_808);
        assertThat(net.multiplyAdds()).isEqualTo(12L * (12 * 768 * 768 + 2 * 768) + 768);
    }

    @Test
    void tinyLlamaSharesKeys() {
        Cost block = Cost.selfAttention(2048, 256, 1, true)
                .plus(Cost.linear(2048, 5632, false).times(3))
                .plus(Cost.norm(2048, false).times(2));
        Cost net = Cost.embedding(32_000, 2048)
                .plus(block.times(22))
                .plus(Cost.norm(2048, false))
                .plus(Cost.linear(2048, 32_000, false));

        assertThat(net.parameters()).isEqualTo(1_100_048_384L);
        assertThat(net.bytes()).isEqualTo(4_400_193_536L);
    }

    @Test
    void attentionByHand() {
        // 3 tokens of 4 numbers: 4 projections of 16 each, 9 pairs (6 where causal) of 4 numbers twice
        assertThat(Cost.selfAttention(4, 4, 3, false)).isEqualTo(new Cost(64, 256, 3 * 64 + 2 * 9 * 4));
        assertThat(Cost.selfAttention(4, 4, 3, true)).isEqualTo(new Cost(64, 256, 3 * 64 + 2 * 6 * 4));
        assertThat(Cost.selfAttention(4, 2, 3, true)).isEqualTo(new Cost(48, 192, 3 * 48 + 2 * 6 * 4));
        assertThat(Cost.attention(6, 4)).isEqualTo(new Cost(0, 0, 48));
    }

    @Test
    void depthwiseConvolutionReadsOneChannel() {
        assertThat(Cost.convolution(1, 32, 9, 100, false)).isEqualTo(new Cost(288, 1_152, 28_800));
    }

    @Test
    void rowsShareWeightsAndLayersDoNot() {
        Cost layer = Cost.linear(3, 5, true);

        assertThat(layer).isEqualTo(new Cost(20, 80, 15));
        assertThat(layer.over(7)).isEqualTo(new Cost(20, 80, 105));
        assertThat(layer.times(7)).isEqualTo(new Cost(140, 560, 105));
        assertThat(layer.withBytes(13)).isEqualTo(new Cost(20, 13, 15));
        assertThat(layer.plus(Cost.NONE)).isEqualTo(layer);
        assertThat(layer.over(0)).isEqualTo(new Cost(20, 80, 0));
    }

    @Test
    void countsAreNeverNegativeOrTooLarge() {
        assertThatThrownBy(() -> Cost.linear(-1, 5, false)).hasMessage("sizes must be at least 0; got -1");
        assertThatThrownBy(() -> new Cost(0, -4, 0))
                .hasMessage("counts must be at least 0; got parameters=0, bytes=-4, multiplyAdds=0");
        assertThatThrownBy(() -> Cost.linear(1L << 40, 1L << 40, false)).isInstanceOf(ArithmeticException.class);
    }
}
