package dev.lapidary.torch.check;

import dev.lapidary.torch.check.Operand.Layout;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Factorisations and what solves equations, by the identities that define them, in float32 and float64.
 *
 * <p>Each is backward stable: what it returns is exact for a matrix that differs by some roundings for each row of the matrix's norm.
 * The number is that of LAPACK's own tests, which pass below 30.
 */
final class FactorChecks {
    private static final int ROUNDINGS = 30;
    private static final int[] SIZES = {1, 2, 5, 9, 16, 33, 40};

    private FactorChecks() {}

    static List<CheckedOperation> all() {
        return Stream.of(NumberType.F32, NumberType.F64)
                .flatMap(type -> Stream.of(
                        operation("SVD", type, FactorChecks::singularValues),
                        operation("Cholesky", type, FactorChecks::cholesky),
                        operation("solve", type, FactorChecks::solve),
                        operation("triangular solve", type, FactorChecks::triangular),
                        operation("eigen, symmetric", type, FactorChecks::symmetricEigen),
                        operation("eigen", type, FactorChecks::eigen),
                        operation("least squares", type, FactorChecks::leastSquares)))
                .toList();
    }

    private static CheckedOperation operation(String name, NumberType type, Consumer<Trial> cases) {
        return new CheckedOperation(name, type, cases);
    }

    /** What the roundings of each row or column of the larger side can add up to, for a matrix of a norm. */
    private static double tolerance(Trial trial, int size, double norm) {
        return ROUNDINGS * size * 2 * trial.type().rounding() * norm;
    }

    private static Matrix normal(Trial trial, int rows, int columns) {
        return new Matrix(rows, columns, trial.normal((long) rows * columns));
    }

    private static Operand operand(Matrix matrix, int round) {
        return Operand.of("matrix", matrix.values(), matrix.rows(), matrix.columns())
                .in(Layout.alternating(round, Layout.TRANSPOSED));
    }

    /** A symmetric matrix of the type, positive definite with eigenvalues of 1 and more. */
    private static Matrix definite(Trial trial, int size) {
        Matrix root = normal(trial, size, size);
        double[] values = root.times(root.transposed()).values();
        for (int i = 0; i < values.length; i++) {
            values[i] = trial.type().round(values[i] / size + (i / size == i % size ? 1 : 0));
        }
        return new Matrix(size, size, values);
    }

    private static void singularValues(Trial trial) {
        for (int round = 0; round < SIZES.length; round++) {
            int rows = SIZES[round];
            int columns = SIZES[round * 3 % SIZES.length];
            Matrix a = normal(trial, rows, columns);
            double[][] found = trial.compute("reduced", FactorChecks::singularValues, operand(a, round));
            int rank = Math.min(rows, columns);
            Matrix u = new Matrix(rows, rank, found[0]);
            Matrix vt = new Matrix(rank, columns, found[2]);
            int size = Math.max(rows, columns);
            Matrix rest = u.times(Matrix.diagonal(found[1])).times(vt).minus(a);
            trial.bound("U·S·Vᵀ − A", rest.norm(), tolerance(trial, size, a.norm()));
            orthogonal(trial, "UᵀU − 1", u);
            orthogonal(trial, "VᵀV − 1", vt.transposed());
            double order = 0; // by how much a value is above the one before, or below 0
            for (int i = 0; i < rank; i++) {
                order = Math.max(order, Math.max(-found[1][i], i == 0 ? 0 : found[1][i] - found[1][i - 1]));
            }
            trial.bound("order of S", order, 0);
        }
    }

    private static Tensor[] singularValues(Tensor[] x) {
        T_TensorTensorTensor_T result = torch.linalg_svd(x[0], false, new StringViewOptional());
        return new Tensor[] {result.get0(), result.get1(), result.get2()};
    }

    private static void orthogonal(Trial trial, String part, Matrix columns) {
        Matrix rest = columns.transposed().times(columns).minus(Matrix.identity(columns.columns()));
        trial.bound(part, rest.norm(), tolerance(trial, columns.rows(), Math.sqrt(columns.columns())));
    }

    private static void cholesky(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.linalg_cholesky(x[0]));
        for (int round = 0; round < SIZES.length; round++) {
            int size = SIZES[round];
            Matrix a = definite(trial, size);
            Matrix l = new Matrix(size, size, trial.compute("lower", call, operand(a, round))[0]);
            Matrix rest = l.times(l.transposed()).minus(a);
            trial.bound("L·Lᵀ − A", rest.norm(), tolerance(trial, size, a.norm()));
            double above = 0;
            for (int i = 0; i < size * size; i++) {
                above = i % size > i / size ? Math.max(above, Math.abs(l.values()[i])) : above;
            }
            trial.bound("above the diagonal of L", above, 0);
        }
    }

    private static void solve(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.linalg_solve(x[0], x[1]));
        for (int round = 0; round < SIZES.length; round++) {
            Matrix a = normal(trial, SIZES[round], SIZES[round]);
            solved(trial, call, a, round);
        }
    }

    private static void triangular(Trial trial) {
        for (int round = 0; round < SIZES.length; round++) {
            int size = SIZES[round];
            boolean upper = round % 3 == 0;
            double[] values = definite(trial, size).values();
            for (int i = 0; i < values.length; i++) {
                boolean zero = upper ? i % size < i / size : i % size > i / size;
                values[i] = zero ? 0 : values[i];
            }
            NativeCall call = NativeCall.of(x -> torch.linalg_solve_triangular(x[0], x[1], upper));
            solved(trial, call, new Matrix(size, size, values), round);
        }
    }

    private static void solved(Trial trial, NativeCall call, Matrix a, int round) {
        Matrix b = normal(trial, a.rows(), 1 + round % 4);
        Operand right = Operand.of("right side", b.values(), b.rows(), b.columns());
        double[] found = trial.compute("solve", call, operand(a, round), right)[0];
        Matrix x = new Matrix(a.rows(), b.columns(), found);
        double scale = a.norm() * x.norm() + b.norm();
        trial.bound("A·X − B", a.times(x).minus(b).norm(), tolerance(trial, a.rows(), scale));
    }

    private static void symmetricEigen(Trial trial) {
        for (int round = 0; round < SIZES.length; round++) {
            int size = SIZES[round];
            Matrix a = definite(trial, size);
            double[][] found = trial.compute("symmetric", FactorChecks::symmetricEigen, operand(a, round));
            Matrix v = new Matrix(size, size, found[1]);
            Matrix rest = a.times(v).minus(v.times(Matrix.diagonal(found[0])));
            trial.bound("A·V − V·Λ", rest.norm(), tolerance(trial, size, a.norm()));
            orthogonal(trial, "VᵀV − 1", v);
        }
    }

    private static Tensor[] symmetricEigen(Tensor[] x) {
        T_TensorTensor_T result = torch.linalg_eigh(x[0]);
        return new Tensor[] {result.get0(), result.get1()};
    }

    /** Eigenvalues and vectors are complex: with V = R + iI and λ = a + ib, A·R = a·R − b·I and A·I = b·R + a·I. */
    private static void eigen(Trial trial) {
        for (int round = 0; round < SIZES.length; round++) {
            int size = SIZES[round];
            Matrix matrix = normal(trial, size, size);
            double[][] found = trial.compute("general", FactorChecks::eigen, operand(matrix, round));
            Matrix a = Matrix.diagonal(every(found[0], 0));
            Matrix b = Matrix.diagonal(every(found[0], 1));
            Matrix r = new Matrix(size, size, every(found[1], 0));
            Matrix i = new Matrix(size, size, every(found[1], 1));
            Matrix real = matrix.times(r).minus(r.times(a).minus(i.times(b)));
            Matrix imaginary = matrix.times(i).minus(r.times(b)).minus(i.times(a));
            double tolerance = tolerance(trial, size, matrix.norm());
            trial.bound("A·V − V·Λ", Math.hypot(real.norm(), imaginary.norm()), tolerance);
            trial.bound("trace", Math.hypot(a.trace() - matrix.trace(), b.trace()), tolerance * size);
            double length = Math.hypot(r.norm(), i.norm()); // each vector has length 1
            trial.bound("length of V", Math.abs(length - Math.sqrt(size)), tolerance(trial, size, Math.sqrt(size)));
        }
    }

    private static Tensor[] eigen(Tensor[] x) {
        T_TensorTensor_T result = torch.linalg_eig(x[0]);
        return new Tensor[] {torch.view_as_real(result.get0()), torch.view_as_real(result.get1())};
    }

    /** The real (0) or imaginary (1) parts. */
    private static double[] every(double[] complex, int part) {
        double[] parts = new double[complex.length / 2];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = complex[2 * i + part];
        }
        return parts;
    }

    /** The rest of a least squares solution is orthogonal to the columns: Aᵀ(A·X − B) = 0. */
    private static void leastSquares(Trial trial) {
        NativeCall call = NativeCall.of(x -> torch.linalg_lstsq(x[0], x[1]).get0());
        for (int round = 0; round < SIZES.length; round++) {
            int columns = SIZES[round];
            Matrix a = normal(trial, columns + 3 * round, columns);
            Matrix b = normal(trial, a.rows(), 1 + round % 3);
            Operand right = Operand.of("right side", b.values(), b.rows(), b.columns());
            double[] found = trial.compute("full rank", call, operand(a, round), right)[0];
            Matrix x = new Matrix(columns, b.columns(), found);
            Matrix rest = a.times(x).minus(b);
            double scale = a.norm() * (rest.norm() + a.norm() * x.norm());
            trial.bound("Aᵀ(A·X − B)", a.transposed().times(rest).norm(), tolerance(trial, a.rows(), scale));
        }
    }
}
