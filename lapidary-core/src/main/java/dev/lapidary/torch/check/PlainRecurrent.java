package dev.lapidary.torch.check;

/**
 * LSTM and GRU as PyTorch defines them: input [steps, texts, in] and first states [layers·directions, texts, width] → all states of
 * the last layer [steps, texts, directions·width] and last states [layers·directions, texts, width]; the LSTM has a second
 * state, the cell.
 *
 * <p>The operands after the states are, for each layer and direction, the weights [gates·width, in] and [gates·width, width] and the
 * biases [gates·width] twice.
 *
 * @param batchFirst whether texts come before steps in the input and the output
 */
record PlainRecurrent(
        boolean lstm, int texts, int steps, int in, int width, int layers, int directions, boolean batchFirst)
        implements PlainOperation {
    private static final int OPERANDS = 4; // of a layer's direction

    int gates() {
        return lstm ? 4 : 3;
    }

    /** How many states there are: the hidden one, and the LSTM's cell. */
    int states() {
        return lstm ? 2 : 1;
    }

    @Override
    public int differentiated() {
        return 1 + states();
    }

    @Override
    public double[][] outputs(double[][] inputs) {
        double[][][] sequence = new double[steps][texts][];
        for (int i = 0; i < steps * texts; i++) {
            double[] row = new double[in];
            System.arraycopy(inputs[0], at(i / texts, i % texts) * in, row, 0, in);
            sequence[i / texts][i % texts] = row;
        }
        double[][] last = new double[states()][layers * directions * texts * width];
        for (int layer = 0; layer < layers; layer++) {
            double[][][] next = new double[steps][texts][directions * width];
            for (int direction = 0; direction < directions; direction++) {
                for (int text = 0; text < texts; text++) {
                    run(inputs, layer * directions + direction, text, sequence, next, last);
                }
            }
            sequence = next;
        }
        double[] all = new double[steps * texts * directions * width];
        for (int i = 0; i < steps * texts; i++) {
            int start = at(i / texts, i % texts) * directions * width;
            System.arraycopy(sequence[i / texts][i % texts], 0, all, start, directions * width);
        }
        return lstm ? new double[][] {all, last[0], last[1]} : new double[][] {all, last[0]};
    }

    private int at(int step, int text) {
        return batchFirst ? text * steps + step : step * texts + text;
    }

    /** Runs one direction of a layer over one text. */
    private void run(double[][] inputs, int unit, int text, double[][][] sequence, double[][][] next, double[][] last) {
        int direction = unit % directions;
        int start = (unit * texts + text) * width;
        double[][] state = new double[states()][width];
        for (int s = 0; s < states(); s++) {
            System.arraycopy(inputs[1 + s], start, state[s], 0, width);
        }
        for (int i = 0; i < steps; i++) {
            int step = direction == 0 ? i : steps - 1 - i;
            step(inputs, unit, sequence[step][text], state);
            System.arraycopy(state[0], 0, next[step][text], direction * width, width);
        }
        for (int s = 0; s < states(); s++) {
            System.arraycopy(state[s], 0, last[s], start, width);
        }
    }

    /** One step of one text, which changes its state. */
    private void step(double[][] inputs, int unit, double[] x, double[][] state) {
        int first = 1 + states() + unit * OPERANDS;
        double[] fromInput = affine(inputs[first], inputs[first + 2], x);
        double[] fromState = affine(inputs[first + 1], inputs[first + 3], state[0]);
        for (int i = 0; i < width; i++) {
            double a = fromInput[i] + fromState[i];
            double b = fromInput[width + i] + fromState[width + i];
            int third = 2 * width + i;
            if (lstm) {
                double output = fromInput[3 * width + i] + fromState[3 * width + i];
                double candidate = Math.tanh(fromInput[third] + fromState[third]);
                state[1][i] = sigmoid(b) * state[1][i] + sigmoid(a) * candidate;
                state[0][i] = sigmoid(output) * Math.tanh(state[1][i]);
            } else {
                double candidate = Math.tanh(fromInput[third] + sigmoid(a) * fromState[third]);
                state[0][i] = (1 - sigmoid(b)) * candidate + sigmoid(b) * state[0][i];
            }
        }
    }

    private static double[] affine(double[] weight, double[] bias, double[] x) {
        double[] sums = bias.clone();
        for (int row = 0; row < sums.length; row++) {
            for (int i = 0; i < x.length; i++) {
                sums[row] += weight[row * x.length + i] * x[i];
            }
        }
        return sums;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** At each step and layer the sums of both products and four functions, exp to 20 roundings each. */
    @Override
    public double roundings() {
        return steps * layers * (Math.max(in, directions * width) + width + 4.0 * 20);
    }
}
