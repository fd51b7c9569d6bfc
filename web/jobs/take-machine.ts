/**
 * How a take stands while it is recorded: one pure function from what happened to what screens are told.
 *
 *   recording <-> paused -> ending -> ended | failed        a lost microphone is no state: the take waits for one and goes on
 */
import type { ErrorBody } from '../../shared/errors.ts';
import { LOW_SECONDS, type TakeMarker } from '../../shared/takes.ts';
import type { SegmentFacts } from '../../wasm/formats/take-journal/records.ts';
import type { JournalNews } from '../workers/journal/contract.ts';
import type { LiveState, TakeAlarm } from './takes-contract.ts';

export interface TakeProgress {
  readonly status: LiveState['status'];
  readonly segment: SegmentFacts | null;
  /** When the segment in use was opened, Unix ms. */
  readonly openedMs: number;
  /** Of the segment in use. */
  readonly news: JournalNews | null;
  /** Seconds of the segments before it. */
  readonly pastSeconds: number;
  readonly markers: readonly TakeMarker[];
  /** Since when there has been no microphone, Unix ms. */
  readonly lostMs: number | null;
  readonly secondsLeft: number | null;
  /** The journal has met the end of the room. */
  readonly isTight: boolean;
  readonly error: ErrorBody | null;
}

export type TakeEvent =
  | { readonly type: 'opened'; readonly facts: SegmentFacts }
  /** Everything of the segment in use is safe. */
  | { readonly type: 'closed'; readonly frames: number }
  | { readonly type: 'heard'; readonly news: JournalNews }
  | { readonly type: 'marked'; readonly marker: TakeMarker }
  | { readonly type: 'lost' }
  | { readonly type: 'paused' }
  | { readonly type: 'room'; readonly secondsLeft: number | null }
  | { readonly type: 'ending' }
  /** With an error where it ended by itself. */
  | { readonly type: 'ended'; readonly error: ErrorBody | null };

/** An alarm comes this long after the last sound; two seconds are promised. */
const ALARM_SECONDS = 1;
/** What is promised: no more than this is ever at stake. */
const LATE_MS = 1000;
/** Opening a device may take longer than a hole in the middle of a take. */
const OPENING_MS = 3000;

export const newTake: TakeProgress = {
  status: 'recording', segment: null, openedMs: 0, news: null, pastSeconds: 0, markers: [], lostMs: null, secondsLeft: null, isTight: false, error: null,
};

const isOver = ({ status }: TakeProgress): boolean => status === 'ended' || status === 'failed';

/** The very same object where the event changes nothing: late news of a segment that is closed. */
export function nextTake(take: TakeProgress, event: TakeEvent, nowMs: number): TakeProgress {
  if (isOver(take)) return take;
  switch (event.type) {
    case 'opened':
      return { ...take, status: take.status === 'ending' ? 'ending' : 'recording', segment: event.facts, openedMs: nowMs, news: null, lostMs: null };
    case 'heard':
      if (event.news.error) return { ...take, error: event.news.error };
      if (event.news.segment !== take.segment?.index) return take;
      return { ...take, news: event.news, isTight: take.isTight || event.news.isTight };
    case 'closed': {
      const { segment, pastSeconds } = take;
      return segment ? { ...take, segment: null, news: null, pastSeconds: pastSeconds + event.frames / segment.sampleRate } : take;
    }
    case 'marked':
      return { ...take, markers: [...take.markers, event.marker] };
    case 'lost':
      return { ...take, lostMs: nowMs };
    case 'paused':
      return take.status === 'recording' ? { ...take, status: 'paused', lostMs: null } : take;
    case 'room':
      return { ...take, secondsLeft: event.secondsLeft };
    case 'ending':
      return { ...take, status: 'ending' };
    case 'ended':
      // A full device is an end like another: all there was room for is kept.
      return { ...take, status: event.error && event.error.code !== 'storage/full' ? 'failed' : 'ended', error: event.error ?? take.error };
    default:
      return event satisfies never;
  }
}

function alarmsOf(take: TakeProgress, nowMs: number): TakeAlarm[] {
  const { status, segment, news, error, secondsLeft, isTight, lostMs, openedMs } = take;
  const isRecording = status === 'recording';
  const heardMs = news?.heardMs ?? null;
  const isMute = segment !== null && (heardMs === null ? nowMs - openedMs > OPENING_MS : nowMs - heardMs > 1000 * ALARM_SECONDS);
  const unsafeSinceMs = news?.unsafeSinceMs ?? null;
  const alarms: readonly (readonly [TakeAlarm, boolean])[] = [
    ['storage-full', error?.code === 'storage/full'],
    ['device-lost', isRecording && (lostMs !== null || isMute)],
    ['journal-late', isRecording && unsafeSinceMs !== null && nowMs - unsafeSinceMs > LATE_MS],
    ['digital-silence', isRecording && segment !== null && news !== null && news.silentFrames >= ALARM_SECONDS * segment.sampleRate],
    ['storage-low', !isOver(take) && (isTight || (secondsLeft !== null && secondsLeft < LOW_SECONDS))],
  ];
  return alarms.filter(([, isOn]) => isOn).map(([alarm]) => alarm);
}

export function liveState(take: TakeProgress, nowMs: number): LiveState {
  const { status, segment, news, pastSeconds, markers, secondsLeft, error } = take;
  const seconds = (frames: number): number => (segment ? pastSeconds + frames / segment.sampleRate : pastSeconds);
  return {
    status, markers, secondsLeft, error,
    elapsedSeconds: seconds(news?.receivedFrames ?? 0),
    durableSeconds: seconds(news?.durableFrames ?? 0),
    contextFrame: segment && (news?.contextFrame ?? null),
    segment: segment && { ...segment, frames: news?.durableFrames ?? 0, gaps: news?.gaps ?? [] },
    alarms: alarmsOf(take, nowMs),
  };
}
