package dev.lapidary.torch.check;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Discrete Fourier transforms of complex and of real numbers, and back, at lengths of small and of large prime factors. */
final class FourierChecks {
    private static final int[] LENGTHS = {1, 2, 3, 5, 8, 12, 17, 31, 45, 64, 97, 128, 210, 255};
    private static final int ROWS = 3;

    private FourierChecks() {}

    static List<CheckedOperation> all() {
        return List.of(
                new CheckedOperation("FFT", NumberType.F32, FourierChecks::complex),
                new CheckedOperation("FFT, real", NumberType.F32, FourierChecks::real),
                new CheckedOperation("FFT, inverse real", NumberType.F32, FourierChecks::inverseReal));
    }

    private static void complex(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.view_as_real(torch.fft_fft(torch.view_as_complex(x[0]))));
        for (int length : LENGTHS) {
            trial.compare("complex", call, new PlainFourier(length), trial.normal("input", ROWS, length, 2));
        }
    }

    /** The first half of the transform, and one after a transposition. */
    private static void real(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.view_as_real(torch.fft_rfft(x[0])));
        for (int length : LENGTHS) {
            PlainFourier plain = new PlainFourier(length);
            trial.compare(
                    "real",
                    call,
                    plain.with(inputs -> plain.half(plain.complexOf(inputs[0]))),
                    trial.normal("input", ROWS, length)
                            .in(Operand.Layout.alternating(length, Operand.Layout.TRANSPOSED)));
        }
    }

    /** Back from the first half of the transform of real numbers. */
    private static void inverseReal(Trial trial) {
        for (int length : LENGTHS) {
            NativeCall call = NativeCall.of(x -> inverse(x[0], length));
            PlainFourier plain = new PlainFourier(length);
            int half = length / 2 + 1;
            trial.compare(
                    "real", call, plain.with(inputs -> plain.back(inputs[0])), trial.normal("input", ROWS, half, 2));
        }
    }

    private static Tensor inverse(Tensor half, int length) {
        return torch.fft_irfft(torch.view_as_complex(half), new LongOptional(length), -1, new StringViewOptional());
    }
}
