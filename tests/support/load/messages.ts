/** What the processes of a load bench say to each other. */

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  /** `{n}` in it becomes a number that comes once. */
  readonly body?: string;
}

export type Order =
  | { readonly kind: 'rate'; readonly port: number; readonly asked: Asked; readonly connections: number; readonly seconds: number }
  | { readonly kind: 'uploads'; readonly port: number; readonly tokens: readonly string[]; readonly uploads: number; readonly bytes: number; readonly isChecked: boolean }
  | { readonly kind: 'streams'; readonly port: number; readonly tokens: readonly string[]; readonly cycles: number; readonly atOnce: number };

export interface Rate {
  /** Answers with the status that was expected. */
  readonly answers: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of one core, that the client itself was busy. */
  readonly clientShare: number;
}

export interface Uploaded {
  readonly seconds: number;
  /** What was refused, and with which status. */
  readonly failures: readonly string[];
  /** That came back otherwise than they were sent. */
  readonly different: number;
}

/** What a probed program says of itself, after its garbage was collected. */
export interface Footprint {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** What keeps its event loop alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
}
