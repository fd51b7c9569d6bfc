/**
 * Whole messages of PostgreSQL's client side out of a stream of bytes: the first has a length alone, every later one a type before it.
 * Source: PostgreSQL documentation, Frontend/Backend Protocol, Message Formats.
 */

/** @returns for every chunk: what is whole by now, or null */
export function createFraming(): (chunk: Uint8Array) => Uint8Array<ArrayBuffer> | null {
  let held = new Uint8Array(0);
  let isStarted = false;
  return (chunk) => {
    const all = new Uint8Array(held.length + chunk.length);
    all.set(held);
    all.set(chunk, held.length);
    const view = new DataView(all.buffer);
    let end = 0;
    for (;;) {
      const typeBytes = isStarted ? 1 : 0;
      if (all.length - end < typeBytes + 4) break;
      const bytes = typeBytes + view.getUint32(end + typeBytes);
      if (all.length - end < bytes) break;
      end += bytes;
      isStarted = true;
    }
    held = all.slice(end);
    return end === 0 ? null : all.slice(0, end);
  };
}
