/**
 * Blobs in a bucket, one object each. An upload is a multipart one; what is too little for a part waits in an object beside it, under
 * two names in turn: the one that is recorded is never the one that is being written.
 */
import { AppError } from '../../../shared/errors.ts';
import { type BlobStore, checkedId, type Place } from '../contract.ts';
import { createS3Client, S3Refusal, type S3Place } from './s3-client.ts';

/** The least that S3 takes as a part that is not the last (Amazon S3: multipart upload limits). Held in memory per upload under way. */
const PART_BYTES = 5 * 1024 * 1024;
/** The most parts it takes: 48.8 GiB in ours. */
const MOST_PARTS = 10_000;
const TAILS = ['a', 'b'] as const;

interface S3Progress {
  /** Of the multipart upload; '' before there is one. */
  readonly upload: string;
  readonly parts: number;
  readonly tail: 'a' | 'b';
  readonly tailBytes: number;
  /** It needed no parts: the object is written. */
  readonly isPut: boolean;
}

const progressOf = (place: Place): S3Progress => ({
  upload: String(place['upload'] ?? ''), parts: Number(place['parts'] ?? 0), tail: place['tail'] === 'b' ? 'b' : 'a',
  tailBytes: Number(place['tailBytes'] ?? 0), isPut: place['isPut'] === 1,
});
const placeOf = ({ upload, parts, tail, tailBytes, isPut }: S3Progress): Place => ({ upload, parts, tail, tailBytes, isPut: isPut ? 1 : 0 });
/** Of a finished one: nothing of the upload is left. */
const DONE: Place = { done: 1 };

/** Bytes in the order they came, taken in pieces of any size. */
function createGathering() {
  let held: Uint8Array[] = [];
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    add(chunk: Uint8Array): void {
      held.push(chunk);
      bytes += chunk.length;
    },
    take(wanted: number): Uint8Array<ArrayBuffer> {
      const taken = new Uint8Array(wanted);
      let at = 0;
      while (at < wanted) {
        const [first] = held as [Uint8Array];
        const part = first.subarray(0, wanted - at);
        taken.set(part, at);
        at += part.length;
        if (part.length === first.length) held.shift();
        else held[0] = first.subarray(part.length);
      }
      bytes -= wanted;
      return taken;
    },
  };
}

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export function createS3Store(given: S3Place): BlobStore {
  const client = createS3Client(given);
  const tailKey = (id: string, tail: 'a' | 'b'): string => `${checkedId(id)}.${tail}`;

  /** What waits beside the parts. @throws AppError 'storage/missing' when it is not what was recorded */
  async function tailOf(id: string, { tail, tailBytes }: S3Progress): Promise<Uint8Array[]> {
    if (tailBytes === 0) return [];
    const stream = await client.get(tailKey(id, tail));
    const chunks = stream ? await allOf(stream as unknown as AsyncIterable<Uint8Array>) : [];
    if (chunks.reduce((sum, { length }) => sum + length, 0) !== tailBytes) throw new AppError('storage/missing');
    return chunks;
  }

  async function removeTails(id: string): Promise<void> {
    for (const tail of TAILS) await client.remove(tailKey(id, tail));
  }

  /** The last bytes, whatever their number: the last part, or all there is. */
  async function writeLast(id: string, at: S3Progress, bytes: Uint8Array<ArrayBuffer>): Promise<S3Progress> {
    if (at.upload === '') {
      await client.put(checkedId(id), bytes);
      return { ...at, tailBytes: 0, isPut: true };
    }
    if (bytes.length === 0) return at;
    await client.putPart(checkedId(id), at.upload, at.parts + 1, bytes);
    return { ...at, parts: at.parts + 1, tailBytes: 0 };
  }

  return {
    async append(id, from, chunks, isWhole, record) {
      let at = progressOf(from.place);
      const gathered = createGathering();
      for (const chunk of await tailOf(id, at)) gathered.add(chunk);
      // Bytes before those that are gathered.
      let base = from.received - gathered.bytes;
      const told = async (next: S3Progress): Promise<void> => {
        await record({ received: base + next.tailBytes, place: placeOf(next) });
        at = next;
      };
      async function writePart(): Promise<void> {
        if (at.parts + 1 >= MOST_PARTS) throw new AppError('upload/too-large', { limit: Math.floor((MOST_PARTS * PART_BYTES) / 1e6) });
        if (at.upload === '') {
          const begun = { ...at, upload: await client.begin(checkedId(id)) };
          await record({ received: from.received, place: placeOf(begun) });
          at = begun;
        }
        await client.putPart(checkedId(id), at.upload, at.parts + 1, gathered.take(PART_BYTES));
        base += PART_BYTES;
        await told({ ...at, parts: at.parts + 1, tailBytes: 0 });
      }
      let isWritten = true;
      try {
        for await (const chunk of chunks) {
          gathered.add(chunk);
          // The last part is written when the source has ended: more than was promised is then found by whoever counts.
          while (gathered.bytes > PART_BYTES) {
            isWritten = false;
            await writePart();
            isWritten = true;
          }
        }
      } finally {
        // After a failure of ours there is nothing more to write; after one of the source there is.
        if (isWritten && gathered.bytes !== at.tailBytes) {
          const bytes = gathered.bytes;
          if (isWhole === base + bytes) {
            const next = await writeLast(id, at, gathered.take(bytes));
            base += bytes;
            await told(next);
          } else {
            const tail = at.tail === 'a' ? 'b' : 'a';
            await client.put(tailKey(id, tail), gathered.take(bytes));
            await told({ ...at, tail, tailBytes: bytes });
          }
        }
      }
      return { received: base + at.tailBytes, place: placeOf(at) };
    },

    async finish(id, { received, place }) {
      if (place['done'] === 1) return place;
      let at = progressOf(place);
      // Of this size it is there only when this was done already, before a kill.
      const isThere = at.isPut || (await client.sizeOf(checkedId(id))) === received;
      if (!isThere) {
        if (at.tailBytes > 0 || at.upload === '') {
          const gathered = createGathering();
          for (const chunk of await tailOf(id, at)) gathered.add(chunk);
          at = await writeLast(id, at, gathered.take(gathered.bytes));
        }
        if (!at.isPut) {
          const parts = (await client.parts(checkedId(id), at.upload)).slice(0, at.parts);
          if (parts.reduce((sum, { bytes }) => sum + bytes, 0) !== received) throw new AppError('storage/missing');
          await client.complete(checkedId(id), at.upload, parts);
        }
      }
      await removeTails(id);
      return DONE;
    },

    async *read(id, _place, from, to) {
      const stream = await client.get(checkedId(id), { from, to });
      if (!stream) throw new AppError('storage/missing');
      let left = to - from + 1;
      for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
        left -= chunk.length;
        yield chunk;
      }
      if (left !== 0) throw new AppError('storage/missing');
    },

    async remove(id, place) {
      const { upload } = progressOf(place);
      if (upload !== '') await client.abort(checkedId(id), upload);
      await client.remove(checkedId(id));
      await removeTails(id);
    },

    async check() {
      try {
        await client.checkBucket();
      } catch (thrown) {
        if (thrown instanceof AppError) throw thrown;
        const { status } = thrown as S3Refusal;
        const why = status === 404 ? `there is no bucket ${given.bucket}` : status === 403 ? 'the keys do not fit' : (thrown as Error).message;
        throw new AppError('server/blobs', { detail: why }, { cause: thrown });
      }
    },
  };
}
