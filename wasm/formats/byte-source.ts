/** Bytes that are read in pieces: a file, a blob or an array. */
export interface ByteSource {
  readonly bytes: number;
  /** Bytes from `offset`; shorter at the end. The array belongs to the caller, who may give one to fill, of `length` at least. */
  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

export function byteSourceFromArray(array: Uint8Array): ByteSource {
  return {
    bytes: array.length,
    read: (offset, length) => Promise.resolve(array.slice(offset, offset + length)),
  };
}

/** A browser reads a blob through another process: a short piece takes as long as this. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** Bytes from one place to another. */
export type LoadBytes = (from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>;

export const loadFromBlob = (blob: Blob): LoadBytes => async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer());

/** A file or blob, in the browser and in Node alike: see `readAhead`. */
export const byteSourceFromBlob = (blob: Blob): ByteSource => readAhead(blob.size, loadFromBlob(blob));

/** Where every load costs time of its own: what is read from start to end in short pieces is fetched in long ones, ahead of who reads. */
export function readAhead(size: number, load: LoadBytes): ByteSource {
  const fetched = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  let next = -1;

  /** The `index`-th stretch of `AHEAD_BYTES`. */
  function stretch(index: number): Promise<Uint8Array<ArrayBuffer>> {
    let bytes = fetched.get(index);
    if (!bytes) {
      bytes = load(index * AHEAD_BYTES, Math.min(size, (index + 1) * AHEAD_BYTES));
      // Who reads that far is told.
      bytes.catch(() => fetched.delete(index));
      fetched.set(index, bytes);
    }
    return bytes;
  }

  return {
    bytes: size,
    async read(offset, length, into) {
      const end = Math.min(size, offset + length);
      const goesOn = offset === next;
      next = end;
      if (!goesOn || length >= AHEAD_BYTES || end <= offset) return load(offset, end);
      const [first, last] = [Math.floor(offset / AHEAD_BYTES), Math.floor((end - 1) / AHEAD_BYTES)];
      const stretches = [stretch(first), ...(last > first ? [stretch(last)] : [])];
      if ((last + 1) * AHEAD_BYTES < size) void stretch(last + 1);
      for (const index of fetched.keys()) if (index < last || index > last + 1) fetched.delete(index);
      const bytes = into?.subarray(0, end - offset) ?? new Uint8Array(end - offset);
      for (const [i, loaded] of (await Promise.all(stretches)).entries()) {
        const from = (first + i) * AHEAD_BYTES;
        bytes.set(loaded.subarray(Math.max(0, offset - from), end - from), Math.max(0, from - offset));
      }
      return bytes;
    },
  };
}

/** Four printable letters, as containers name their chunks. */
export const fourLetters = (bytes: Uint8Array, offset: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + 4));
