/** What a monitor reads: counted where it happens, through the one interface here, in the text form of Prometheus. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { JOB_STATES, type JobState } from '../shared/jobs.ts';
import type { MetricsDocument } from '../shared/metrics.ts';

const UPLOAD_OUTCOMES = ['begun', 'resumed', 'received', 'completed', 'failed'] as const;
export type UploadOutcome = (typeof UPLOAD_OUTCOMES)[number];
const WEBHOOK_OUTCOMES = ['taken', 'refused', 'dead'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];
export type BreakerState = 'closed' | 'half-open' | 'open';

export interface Stored {
  readonly kind: string;
  readonly bytes: number;
  readonly count: number;
}

/** Bytes. */
export interface Disk {
  readonly size: number;
  readonly free: number;
}

export interface Metrics {
  /** @param route  the pattern, never the address: `/api/jobs/{id}` */
  request(method: string, route: string, status: number, seconds: number): void;
  /** @param bytes  that arrived since the last word about it */
  upload(outcome: UploadOutcome, bytes?: number): void;
  /** @param seconds  since it was recorded; where it ended */
  job(status: JobState, seconds?: number): void;
  /** Of a result, as its device measured it. */
  quality(measured: MetricsDocument): void;
  webhook(outcome: WebhookOutcome): void;
  /** The circuit breaker in front of a service. */
  breaker(provider: string, state: BreakerState): void;
  /** A call of a service behind ours. @param outcome  'ok' or the error's code */
  provider(name: string, outcome: string, seconds: number): void;
  /** Asked when the page is. */
  storage(read: () => Promise<readonly Stored[]>): void;
  /** Asked when the page is: event streams that are open. */
  streams(read: () => number): void;
  /** Asked when the page is: the disk of the data folder, where one is used. */
  disk(read: () => Promise<Disk>): void;
  /** What it needs, by name, and whether that works. */
  checks(found: readonly (readonly [name: string, works: boolean])[]): void;
  readonly contentType: string;
  page(): Promise<string>;
}

const PREFIX = 'tonetwin_';
/** s: from what memory answers to what an upload takes. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const JOB_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1800, 3600];
const STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];

/** @param ofProcess  memory, event loop and garbage of this process too */
export function createMetrics({ ofProcess = false } = {}): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  if (ofProcess) collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) => new Counter({ name: PREFIX + name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) => new Histogram({ name: PREFIX + name, help, buckets, labelNames, registers });

  const requests = histogram('http_request_duration_seconds', 'Requests by route pattern', REQUEST_SECONDS, ['method', 'route', 'status'] as const);
  const uploads = counter('uploads_total', 'Uploads begun, resumed, completed and failed, and requests that brought bytes', ['outcome'] as const);
  const uploadBytes = counter('upload_bytes_total', 'Bytes of uploads that arrived');
  const jobs = counter('jobs_total', 'Jobs that entered a state', ['status'] as const);
  const jobSeconds = histogram('job_duration_seconds', 'From the record of a job to its end', JOB_SECONDS, ['status'] as const);
  const webhooks = counter('webhook_tries_total', 'Webhook messages taken, refused, and given up', ['outcome'] as const);
  const breakers = new Gauge({ name: `${PREFIX}provider_breaker`, help: '1 for the state that the circuit breaker of a provider is in', labelNames: ['provider', 'state'] as const, registers });
  const providers = histogram('provider_call_duration_seconds', 'Calls of providers', REQUEST_SECONDS, ['provider', 'outcome'] as const);
  const quality = {
    stft_dist: histogram('job_stft_distance', 'Multi-resolution STFT distance of results to their references', [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]),
    mel_dist: histogram('job_mel_distance_db', 'Mean absolute mel difference of results to their references', [0.5, 1, 2, 3, 5, 8, 12]),
    lufs_err: histogram('job_loudness_error_lu', 'Loudness of results: distance to what was aimed at', [0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
    tp_db: histogram('job_true_peak_dbtp', 'True peak of results', [-24, -12, -6, -3, -2, -1, -0.5, 0, 1]),
  };

  // Of a counter that begins with its first event a monitor does not see that event: it knows no value before.
  for (const outcome of UPLOAD_OUTCOMES) uploads.inc({ outcome }, 0);
  for (const outcome of WEBHOOK_OUTCOMES) webhooks.inc({ outcome }, 0);
  for (const status of JOB_STATES) jobs.inc({ status }, 0);

  let readStorage: (() => Promise<readonly Stored[]>) | undefined;
  const storedCount = new Gauge({ name: `${PREFIX}stored_objects`, help: 'Files kept, by kind', labelNames: ['kind'] as const, registers });
  const storedBytes = new Gauge({ name: `${PREFIX}stored_bytes`, help: 'Bytes kept, by kind', labelNames: ['kind'] as const, registers });
  async function lookAtStorage(): Promise<void> {
    // The database may be away; the rest of the page is wanted then more than ever.
    const stored = await readStorage?.().catch(() => undefined);
    if (!stored) return;
    storedBytes.reset();
    storedCount.reset();
    for (const { kind, bytes, count } of stored) {
      storedBytes.set({ kind }, bytes);
      storedCount.set({ kind }, count);
    }
  }
  let readDisk: (() => Promise<Disk>) | undefined;
  const diskSize = new Gauge({ name: `${PREFIX}data_disk_size_bytes`, help: 'Size of the disk that DATA_DIR is on, where one is used; 0: none is', registers });
  const diskFree = new Gauge({ name: `${PREFIX}data_disk_free_bytes`, help: 'What is free on it', registers });
  async function lookAtDisk(): Promise<void> {
    const disk = await readDisk?.().catch(() => undefined);
    if (!disk) return;
    diskSize.set(disk.size);
    diskFree.set(disk.free);
  }
  const checks = new Gauge({ name: `${PREFIX}ready`, help: '1 for each thing it needs that works: what /ready looks at', labelNames: ['check'] as const, registers });
  let readStreams = (): number => 0;
  void new Gauge({ name: `${PREFIX}event_streams`, help: 'Event streams that are open', registers, collect() { this.set(readStreams()); } });

  return {
    request: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    upload(outcome, bytes = 0) {
      uploads.inc({ outcome });
      if (bytes > 0) uploadBytes.inc(bytes);
    },
    job(status, seconds) {
      jobs.inc({ status });
      if (seconds !== undefined) jobSeconds.observe({ status }, seconds);
    },
    quality(measured) {
      for (const name of ['stft_dist', 'mel_dist', 'lufs_err', 'tp_db'] as const) {
        const value = measured[name];
        if (value !== null) quality[name].observe(name === 'lufs_err' ? Math.abs(value) : value);
      }
    },
    webhook: (outcome) => webhooks.inc({ outcome }),
    breaker(provider, state) {
      for (const each of STATES) breakers.set({ provider, state: each }, each === state ? 1 : 0);
    },
    provider: (provider, outcome, seconds) => providers.observe({ provider, outcome }, seconds),
    storage: (read) => void (readStorage = read),
    streams: (read) => void (readStreams = read),
    disk: (read) => void (readDisk = read),
    checks(found) {
      checks.reset();
      for (const [check, works] of found) checks.set({ check }, works ? 1 : 0);
    },
    contentType: registry.contentType,
    async page() {
      await Promise.all([lookAtStorage(), lookAtDisk()]);
      return registry.metrics();
    },
  };
}
