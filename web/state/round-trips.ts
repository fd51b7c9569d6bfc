/** The round trip of each microphone on this device, measured or entered by hand. */
import { createSignal } from 'solid-js';

export interface KnownRoundTrip {
  readonly latencyMs: number;
  readonly how: 'measured' | 'manual';
}

const STORED_AS = 'tonetwin.round-trips';
/** Longer ones are errors of typing. */
export const MOST_MS = 1000;

function remembered(storage: Pick<Storage, 'getItem'> | null): Readonly<Record<string, KnownRoundTrip>> {
  try {
    return (JSON.parse(storage?.getItem(STORED_AS) ?? '{}') as Record<string, KnownRoundTrip> | null) ?? {};
  } catch {
    return {};
  }
}

/** Kept by the microphone's name and rate: its id changes when the person clears the site's data. */
export function createRoundTrips(storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
  const [known, setKnown] = createSignal(remembered(storage));
  const keyOf = (input: { readonly deviceLabel: string; readonly sampleRate: number }) => `${input.deviceLabel}@${input.sampleRate}`;
  return {
    of: (input: { readonly deviceLabel: string; readonly sampleRate: number } | null): KnownRoundTrip | null => (input ? (known()[keyOf(input)] ?? null) : null),
    /** @param roundTrip  0 to `MOST_MS`; what lies outside is brought in */
    set(input: { readonly deviceLabel: string; readonly sampleRate: number }, roundTrip: KnownRoundTrip) {
      const latencyMs = Math.min(MOST_MS, Math.max(0, roundTrip.latencyMs));
      setKnown((before) => ({ ...before, [keyOf(input)]: { ...roundTrip, latencyMs } }));
      storage?.setItem(STORED_AS, JSON.stringify(known()));
    },
  };
}

export type RoundTrips = ReturnType<typeof createRoundTrips>;
