/** What the meter of an input shows: levels that fall slowly, peaks that hold, and the last moments as a waveform. */
import { createEffect, createSignal, on, onCleanup, untrack } from 'solid-js';
import type { Accessor } from 'solid-js';
import { gainToDb } from '../../shared/units.ts';
import { listenTo } from '../audio/input/meter-node.ts';
import { COLUMN_SECONDS, type MeterReading } from '../audio/input/meter-messages.ts';
import type { TakeInput } from '../jobs/takes-contract.ts';
import type { EngineBinary } from '../../wasm/host/engine.ts';

/** Of the scale of the meter. */
export const QUIETEST_DB = -60;
/** IEC 60268-18 asks a digital peak meter to fall 20 dB in 1.7 s. */
const FALL_DB_PER_SECOND = 20 / 1.7;
const HOLD_SECONDS = 1.5;
/** Of the waveform. */
export const SHOWN_SECONDS = 12;
const COLUMNS = Math.round(SHOWN_SECONDS / COLUMN_SECONDS);

export interface ChannelLevel {
  /** dBFS, never below the scale. */
  readonly levelDb: number;
  readonly holdDb: number;
}

export interface Levels {
  readonly channels: readonly ChannelLevel[];
  /** Since the last reset; null while nothing but silence was heard. */
  readonly highestDb: number | null;
  readonly momentaryLufs: number | null;
  /** Places at which it clipped, and when the last was. */
  readonly clips: number;
}

export const NO_LEVELS: Levels = { channels: [], highestDb: null, momentaryLufs: null, clips: 0 };

/** The waveform of the last moments: a ring that a canvas reads as often as it draws. */
export interface History {
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** 1 where a take was running. */
  readonly recorded: Uint8Array;
  /** Columns at which a marker was set, as `written` counts them. */
  readonly marks: number[];
  /** Columns ever written; the newest lies at `written - 1` modulo the length. */
  written: number;
  /** When it was written, of the page's clock, ms. */
  writtenMs: number;
}

export const emptyHistory = (): History => ({ min: new Float32Array(COLUMNS), max: new Float32Array(COLUMNS), recorded: new Uint8Array(COLUMNS), marks: [], written: 0, writtenMs: 0 });

/** Adds a reading to what is shown. `holds` keeps when each channel's held peak was; both are the caller's. */
export function nextLevels(before: Levels, reading: MeterReading, holds: number[], nowSeconds: number, wasClipping: boolean): Levels {
  const seconds = reading.max.length * COLUMN_SECONDS;
  const toDb = (gain: number) => Math.max(QUIETEST_DB, gainToDb(gain));
  const channels = reading.peaks.map((peak, channel): ChannelLevel => {
    const last = before.channels[channel] ?? { levelDb: QUIETEST_DB, holdDb: QUIETEST_DB };
    const peakDb = toDb(peak);
    const levelDb = Math.max(peakDb, last.levelDb - FALL_DB_PER_SECOND * seconds, QUIETEST_DB);
    if (peakDb >= last.holdDb || nowSeconds - (holds[channel] ?? 0) > HOLD_SECONDS) {
      holds[channel] = nowSeconds;
      return { levelDb, holdDb: Math.max(peakDb, levelDb) };
    }
    return { levelDb, holdDb: last.holdDb };
  });
  const highest = Math.max(...reading.peaks, 0);
  const highestDb = highest > 0 ? Math.max(before.highestDb ?? -Infinity, gainToDb(highest)) : before.highestDb;
  // One loud place is one clip, however many frames it lasts.
  const clips = before.clips + (reading.clippedFrames > 0 && !wasClipping ? 1 : 0);
  return { channels, highestDb, momentaryLufs: reading.momentaryLufs, clips };
}

/** Follows whatever input is open, for as long as the owner lives. */
export function createInputMeter(input: Accessor<TakeInput | null>, isRecording: Accessor<boolean>, engine: () => Promise<EngineBinary>) {
  const [levels, setLevels] = createSignal<Levels>(NO_LEVELS);
  const history = emptyHistory();
  let holds: number[] = [];
  let wasClipping = false;

  const take = (reading: MeterReading) => {
    setLevels((before) => nextLevels(before, reading, holds, performance.now() / 1000, wasClipping));
    wasClipping = reading.clippedFrames > 0;
    const recorded = untrack(isRecording) ? 1 : 0;
    for (let column = 0; column < reading.max.length; column += 1) {
      const at = history.written++ % COLUMNS;
      history.min[at] = reading.min[column]!;
      history.max[at] = reading.max[column]!;
      history.recorded[at] = recorded;
    }
    history.writtenMs = performance.now();
  };
  createEffect(
    on(input, (now) => {
      if (!now) return;
      let [stop, isOver] = [() => undefined as void, false];
      holds = [];
      engine()
        .then((binary) => listenTo(now.context, now.source, { engine: binary, channels: now.channels, onReading: take }))
        .then((end) => {
          if (isOver) end();
          else stop = end;
        })
        .catch(() => undefined); // Without a meter the recorder records all the same.
      onCleanup(() => {
        isOver = true;
        stop();
        setLevels((before) => ({ ...before, channels: [], momentaryLufs: null }));
      });
    }),
  );
  return {
    levels,
    history,
    mark() {
      history.marks.push(history.written);
      while (history.marks[0]! < history.written - COLUMNS) history.marks.shift();
    },
    reset: () => setLevels((before) => ({ ...before, highestDb: null, clips: 0 })),
  };
}

export type InputMeter = ReturnType<typeof createInputMeter>;
