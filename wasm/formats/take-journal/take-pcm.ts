/** A take as a recording: its segments in a row at one rate, read in place from the journal. */
import { AppError } from '../../../shared/errors.ts';
import type { Notice, PcmSource } from '../../../shared/pcm.ts';
import type { TakeSegment, TakeTrim } from '../../../shared/takes.ts';
import type { TakeJournal } from './journal-reader.ts';

/** The recording at another rate, as `resamplePcm` of the engine does. */
export type Resample = (pcm: PcmSource, toHz: number) => PcmSource;

export interface TakeFormat {
  /** Hz, of the segment that lasts longest. */
  readonly sampleRate: number;
  /** 2 where any segment has two. */
  readonly channels: 1 | 2;
  /** Of all segments, at `sampleRate`. */
  readonly frames: number;
}

const framesAt = ({ frames, sampleRate }: TakeSegment, toHz: number): number => Math.ceil((frames * toHz) / sampleRate);

/** Known from the facts alone; `takePcm` reads exactly so many. */
export function takeFormat(segments: readonly TakeSegment[]): TakeFormat {
  const longest = [...segments].sort((a, b) => b.frames / b.sampleRate - a.frames / a.sampleRate)[0];
  const sampleRate = longest?.sampleRate ?? 48_000;
  const sounding = segments.filter(({ frames }) => frames > 0);
  return {
    sampleRate,
    channels: sounding.some(({ channels }) => channels === 2) ? 2 : 1,
    frames: sounding.reduce((sum, segment) => sum + framesAt(segment, sampleRate), 0),
  };
}

/** Whether reading it needs a resampler. */
export const hasSeveralRates = (segments: readonly TakeSegment[]): boolean =>
  new Set(segments.filter(({ frames }) => frames > 0).map(({ sampleRate }) => sampleRate)).size > 1;

/** What a listener should know: where something is missing, silence stands for it. Exact zeros were heard as they are. */
export function gapNotices(segments: readonly TakeSegment[]): Notice[] {
  const gaps = segments.flatMap(({ gaps: of, sampleRate }) => of.filter(({ cause }) => cause !== 'zeros').map(({ frames }) => frames / sampleRate));
  const seconds = gaps.reduce((sum, one) => sum + one, 0);
  return gaps.length === 0 ? [] : [{ code: 'take/gaps', args: { count: gaps.length, seconds: Number(seconds.toFixed(3)) } }];
}

/**
 * @param trim null: all of it
 * @param resample needed where `hasSeveralRates`
 * @throws AppError 'audio/empty' when not one frame is left, 'audio/unsupported' for several rates without a resampler
 */
export function takePcm(journal: TakeJournal, trim: TakeTrim | null, resample: Resample | null = null): PcmSource {
  const { sampleRate, channels, frames: whole } = takeFormat(journal.segments);
  const startFrame = Math.max(0, Math.min(whole, trim?.startFrame ?? 0));
  const frames = Math.max(0, Math.min(whole, trim?.endFrame ?? whole) - startFrame);
  if (frames === 0) throw new AppError('audio/empty');

  let at = 0;
  const pieces = journal.segments.filter((segment) => segment.frames > 0).map((segment) => {
    const plain: PcmSource = {
      sampleRate: segment.sampleRate, channels: segment.channels, frames: segment.frames, notices: [], isClean: true,
      read: async (frame, count, into) => (await journal.read(segment.index, frame, count, into)).map(withoutBroken),
    };
    if (plain.sampleRate !== sampleRate && !resample) throw new AppError('audio/unsupported', { detail: 'a take of several sample rates' });
    const pcm = plain.sampleRate === sampleRate ? plain : resample!(plain, sampleRate);
    const piece = { pcm, start: at };
    at += framesAt(segment, sampleRate);
    return piece;
  });

  const notices = gapNotices(journal.segments);
  return {
    sampleRate, channels, frames, isClean: true,
    get notices(): readonly Notice[] {
      const seconds = Number((journal.damagedFrames / sampleRate).toFixed(3));
      return seconds > 0 ? [...notices, { code: 'take/damaged', args: { seconds } }] : notices;
    },
    async read(frame, count, into) {
      const from = startFrame + Math.max(0, frame);
      const wanted = Math.max(0, Math.min(count, frames - frame));
      // The usual take is one segment: nothing is copied.
      const only = pieces.length === 1 ? pieces[0]!.pcm : undefined;
      if (only && only.channels === channels) return only.read(from, wanted, into);
      const rows = Array.from({ length: channels }, () => new Float32Array(wanted));
      for (const { pcm, start } of pieces) {
        const first = Math.max(from, start);
        const last = Math.min(from + wanted, start + pcm.frames);
        if (last <= first) continue;
        const held = await pcm.read(first - start, last - first);
        rows.forEach((row, c) => row.set(held[c] ?? held[0]!, first - from));
      }
      return rows;
    },
  };
}

/** One sample that is not a number would silence every filter after it. */
function withoutBroken(row: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  for (let i = 0; i < row.length; i += 1) if (row[i]! - row[i]! !== 0) row[i] = 0;
  return row;
}
