/**
 * From pieces of sound to a journal on the device: blocks of a tenth of a second at most, made safe every half second, holes and
 * silence named. Holds one block; the rest is in the file.
 */
import { AppError, type ErrorBody, toAppError } from '../../../shared/errors.ts';
import type { TakeGap, TakeGapCause, TakeMarker } from '../../../shared/takes.ts';
import { JournalWriter } from '../../../wasm/formats/take-journal/journal-writer.ts';
import type { EndFacts, SegmentFacts, TakeIdentity } from '../../../wasm/formats/take-journal/records.ts';
import type { CaptureNews } from '../../audio/capture/messages.ts';
import type { ByteStore } from '../../storage/contract.ts';
import { openTakeWriter, removeTakeBytes, type TakeWriter } from '../../storage/take-bytes.ts';
import type { JournalNews } from './contract.ts';
import { reserveFor } from './reserve.ts';
import { ZeroRuns } from './zero-runs.ts';

/** 85 ms at 48 kHz, 16 kB. Smaller ones cost writes, larger ones are what a crash loses. */
const BLOCK_FRAMES = 4096;
/** Slow devices (telephone rates) fill a block slowly. */
const BLOCK_SECONDS = 0.1;
/** What is written is made safe so often. With a block on its way that is 0.6 s behind the microphone; 1 s is promised. */
const FLUSH_MS = 500;
/** Where every write waits for a transaction, the block is what is made safe. */
const SLOW_FLUSH_MS = 250;
/** Gaps that are told while recording. */
const TOLD_GAPS = 64;

interface OpenSegment {
  readonly facts: SegmentFacts;
  readonly blockFrames: number;
  /** Frame of the context at which the segment's frame 0 would lie; null before the first piece. */
  base: number | null;
  /** Of the segment: where the next frame belongs. */
  received: number;
  durable: number;
  rows: Float32Array<ArrayBuffer>[];
  held: number;
  heldAtMs: number;
  readonly zeros: ZeroRuns;
  gaps: TakeGap[];
  heardMs: number | null;
  /** Unix ms; null where nothing is missing before it. */
  readonly missingSinceMs: number | null;
}

export interface RecorderTools {
  readonly bytes: ByteStore;
  readonly nowMs: () => number;
  /** 32 random bits. */
  readonly mark: number;
}

export class TakeRecorder {
  readonly #writer: TakeWriter;
  readonly #journal: JournalWriter;
  readonly #nowMs: () => number;
  readonly #flushMs: number;
  readonly #releaseReserve: () => Promise<void>;
  #segment: OpenSegment | null = null;
  /** One write after the other. */
  #work: Promise<void> = Promise.resolve();
  #error: AppError | null = null;
  #flushedMs: number;
  #unsafeSinceMs: number | null = null;
  #lastHeardMs: number | null = null;

  private constructor(writer: TakeWriter, releaseReserve: () => Promise<void>, { nowMs, mark }: RecorderTools) {
    this.#writer = writer;
    this.#journal = new JournalWriter(writer, mark);
    this.#releaseReserve = releaseReserve;
    this.#nowMs = nowMs;
    this.#flushMs = writer.isImmediate ? FLUSH_MS : SLOW_FLUSH_MS;
    this.#flushedMs = nowMs();
  }

  /** @throws AppError 'storage/*'; nothing is left behind then */
  static async begin(identity: TakeIdentity, tools: RecorderTools): Promise<TakeRecorder> {
    const release = await reserveFor(tools.bytes, identity.takeId);
    try {
      const writer = await openTakeWriter(tools.bytes, identity.takeId);
      const recorder = new TakeRecorder(writer, release, tools);
      await recorder.#journal.begin(identity).then(() => writer.flush()).catch(async (thrown: unknown) => {
        await writer.close().catch(() => undefined);
        throw thrown;
      });
      return recorder;
    } catch (thrown) {
      await release();
      await removeTakeBytes(tools.bytes, identity.takeId);
      throw thrown;
    }
  }

  news(): JournalNews {
    const segment = this.#segment;
    return {
      segment: segment?.facts.index ?? null,
      contextFrame: segment?.base ?? null,
      receivedFrames: segment?.received ?? 0,
      durableFrames: segment?.durable ?? 0,
      gaps: segment?.gaps.slice(-TOLD_GAPS) ?? [],
      silentFrames: segment?.zeros.frames ?? 0,
      heardMs: segment?.heardMs ?? null,
      unsafeSinceMs: this.#unsafeSinceMs,
      isTight: this.#writer.isTight,
      error: this.error,
    };
  }

  get error(): ErrorBody | null {
    return this.#error?.toBody() ?? null;
  }

  /** @param isContinued what was missed since the last piece of the segment before it is a gap of this one */
  async openSegment(facts: SegmentFacts, isContinued: boolean): Promise<void> {
    await this.closeSegment();
    const blockFrames = Math.max(128, Math.min(BLOCK_FRAMES, Math.floor((facts.sampleRate * BLOCK_SECONDS) / 128) * 128));
    this.#segment = {
      facts, blockFrames, base: null, received: 0, durable: 0, rows: freshRows(facts.channels, blockFrames), held: 0, heldAtMs: 0, zeros: new ZeroRuns(), gaps: [], heardMs: null,
      missingSinceMs: isContinued ? this.#lastHeardMs : null,
    };
    this.#write(() => this.#journal.segment(facts));
    await this.#flush();
  }

  /** Takes a piece; what is written is written later, in order. */
  take(news: CaptureNews & { readonly type: 'frames' }): void {
    const segment = this.#segment;
    if (!segment || this.#error) return;
    if (segment.base === null) this.#place(segment, news);
    const frame = news.frame - segment.base!;
    if (frame > segment.received) {
      this.#writeHeld(segment);
      this.#gap(segment, { frame: segment.received, frames: frame - segment.received, cause: 'missed' });
      segment.received = frame;
    }
    for (const run of segment.zeros.take(segment.received, news.rows)) this.#gap(segment, { ...run, cause: 'zeros' });
    segment.heardMs = news.atMs;
    this.#lastHeardMs = news.atMs;
    this.#unsafeSinceMs ??= news.atMs;
    this.#hold(segment, news.rows, news.atMs);
    if (this.#nowMs() - this.#flushedMs >= this.#flushMs) void this.#flush();
  }

  /** The first piece says where the segment lies on the clock of its context, and how long nothing was heard before it. */
  #place(segment: OpenSegment, { frame, rows, atMs }: CaptureNews & { readonly type: 'frames' }): void {
    const { sampleRate } = segment.facts;
    const missing = segment.missingSinceMs === null ? 0 : Math.round(((atMs - segment.missingSinceMs) * sampleRate) / 1000) - rows[0]!.length;
    if (missing > 0) {
      this.#gap(segment, { frame: 0, frames: missing, cause: 'device' });
      segment.received = missing;
    }
    segment.base = frame - segment.received;
  }

  /** Now and then, also when nothing comes. */
  tick(): void {
    if (this.#nowMs() - this.#flushedMs >= this.#flushMs && this.#unsafeSinceMs !== null) void this.#flush();
  }

  mark(label: string): TakeMarker | null {
    const segment = this.#segment;
    if (!segment) return null;
    const marker = { segment: segment.facts.index, frame: segment.received, label };
    this.#write(() => this.#journal.marker(marker));
    return marker;
  }

  /** @returns its frames; 0 where none is open */
  async closeSegment(): Promise<number> {
    const segment = this.#segment;
    if (!segment) return 0;
    this.#writeHeld(segment);
    for (const run of segment.zeros.tell()) this.#gap(segment, { ...run, cause: 'zeros' });
    this.#write(() => this.#journal.closeSegment(segment.facts.index, segment.received, this.#nowMs()));
    await this.#flush();
    this.#segment = null;
    return this.#error ? segment.durable : segment.received;
  }

  /** @returns as `closeSegment` */
  async end(facts: EndFacts): Promise<number> {
    const frames = await this.closeSegment();
    await this.#releaseReserve();
    // After a failure there may be room again for the few bytes that say that it ended; without them it is as well.
    this.#work = this.#work.then(() => this.#journal.end(facts)).catch(() => undefined);
    await this.#work;
    await this.#writer.close().catch(() => undefined);
    return frames;
  }

  #hold(segment: OpenSegment, rows: readonly Float32Array[], atMs: number): void {
    const frames = rows[0]!.length;
    for (let done = 0; done < frames; ) {
      const count = Math.min(frames - done, segment.blockFrames - segment.held);
      segment.rows.forEach((row, c) => row.set((rows[c] ?? rows[0]!).subarray(done, done + count), segment.held));
      segment.held += count;
      segment.received += count;
      segment.heldAtMs = atMs;
      done += count;
      if (segment.held === segment.blockFrames) this.#writeHeld(segment);
    }
  }

  #writeHeld(segment: OpenSegment): void {
    const { rows, held, heldAtMs } = segment;
    if (held === 0) return;
    const block = held === segment.blockFrames ? rows : rows.map((row) => row.subarray(0, held));
    const frame = segment.received - held;
    segment.rows = freshRows(rows.length, segment.blockFrames);
    segment.held = 0;
    this.#write(() => this.#journal.audio(segment.facts.index, frame, block, heldAtMs));
  }

  #gap(segment: OpenSegment, gap: { readonly frame: number; readonly frames: number; readonly cause: TakeGapCause }): void {
    const last = segment.gaps.at(-1);
    const goesOn = last?.cause === gap.cause && last.frame + last.frames === gap.frame;
    if (goesOn) segment.gaps[segment.gaps.length - 1] = { ...last, frames: last.frames + gap.frames };
    else segment.gaps.push(gap);
    if (segment.gaps.length > 2 * TOLD_GAPS) segment.gaps = segment.gaps.slice(-TOLD_GAPS);
    this.#write(() => this.#journal.gap({ segment: segment.facts.index, ...gap }));
  }

  #write(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#error) return;
      try {
        await step();
      } catch (thrown) {
        if (toAppError(thrown).code !== 'storage/full') throw thrown;
        // Room was kept aside for this: what was just played, and the end.
        await this.#releaseReserve();
        await step();
        throw thrown;
      }
    }).catch((thrown: unknown) => this.#fail(thrown));
  }

  #flush(): Promise<void> {
    const segment = this.#segment;
    this.#flushedMs = this.#nowMs();
    if (segment) for (const run of segment.zeros.tell()) this.#gap(segment, { ...run, cause: 'zeros' });
    const upTo = segment ? segment.received - segment.held : 0;
    // The oldest frame that is only held.
    const heldSinceMs = this.#flushedMs - (segment ? (1000 * segment.held) / segment.facts.sampleRate : 0);
    this.#work = this.#work.then(async () => {
      await this.#writer.flush();
      // What could not be written is not safe, whatever the flush says.
      if (!segment || this.#error) return;
      segment.durable = Math.max(segment.durable, upTo);
      this.#unsafeSinceMs = segment.received > upTo ? heldSinceMs : null;
    }).catch((thrown: unknown) => this.#fail(thrown));
    return this.#work;
  }

  #fail(thrown: unknown): void {
    this.#error ??= toAppError(thrown);
  }
}

const freshRows = (channels: number, frames: number): Float32Array<ArrayBuffer>[] => Array.from({ length: channels }, () => new Float32Array(frames));
