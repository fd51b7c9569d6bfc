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

/** A file or blob, in the browser and in Node alike. */
export function byteSourceFromBlob(blob: Blob): ByteSource {
  return {
    bytes: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** Four printable letters, as containers name their chunks. */
export const fourLetters = (bytes: Uint8Array, offset: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + 4));
