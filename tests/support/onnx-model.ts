/**
 * A small ONNX model, written byte by byte: the mean over time of its input, times a matrix.
 * Source: onnx.proto3 of ONNX (IR version 8, operators 13); the wire format of protocol buffers.
 */
type Field = readonly [number: number, value: number | bigint | string | Uint8Array | Field[]];

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

function message(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') parts.push(Uint8Array.from([...varint(BigInt(number << 3)), ...varint(BigInt(value))]));
    else {
      const body = typeof value === 'string' ? new TextEncoder().encode(value) : value instanceof Uint8Array ? value : message(value);
      parts.push(Uint8Array.from([...varint(BigInt((number << 3) | 2)), ...varint(BigInt(body.length))]), body);
    }
  }
  return Buffer.concat(parts);
}

const FLOAT = 1;
const INTS = 7;
const INT = 2;
const dimension = (size: number | string): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]];
const value = (name: string, shape: readonly (number | string)[]): Field[] => [[1, name], [2, [[1, [[1, FLOAT], [2, shape.map(dimension)]]]]]];
const node = (type: string, inputs: readonly string[], output: string, attributes: readonly Field[][] = []): Field => [1, [...inputs.map((name): Field => [1, name]), [2, output], [4, type], ...attributes.map((attribute): Field => [5, attribute])]];

/** The weights: what goes in is `width` wide. A plain formula, so that a test can compute what comes out. */
export const weightAt = (row: number, column: number): number => Math.sin(1 + row * 0.7 + column * 0.13);

/**
 * @param width       of a row, e.g. bands
 * @param dimensions  of what comes out
 */
export function meanModel(width: number, dimensions: number): Uint8Array<ArrayBuffer> {
  const weights = Float32Array.from({ length: width * dimensions }, (_, i) => weightAt(Math.floor(i / dimensions), i % dimensions));
  const graph: Field[] = [
    node('ReduceMean', ['feats'], 'mean', [[[1, 'axes'], [8, 1], [20, INTS]], [[1, 'keepdims'], [3, 0], [20, INT]]]),
    node('MatMul', ['mean', 'weights'], 'embs'),
    [2, 'mean of rows'],
    [5, [[1, width], [1, dimensions], [2, FLOAT], [8, 'weights'], [9, new Uint8Array(weights.buffer)]]],
    [11, value('feats', [1, 'rows', width])],
    [12, value('embs', [1, dimensions])],
  ];
  return Uint8Array.from(message([[1, 8], [7, graph], [8, [[1, ''], [2, 13]]]]));
}
