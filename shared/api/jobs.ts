/** Jobs as their devices report them: the work is done in the browser, what it came to is seen everywhere. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { JOB_STATES } from '../jobs.ts';
import { limiter } from '../params/limiter.ts';
import { errorAnswer, route } from './contract.ts';
import { rawRoute } from './raw-contract.ts';

const id = z.object({ id: z.uuid() });

/** Without a workspace: the person's own. */
const workspace = z.object({ workspace_id: z.uuid().optional() });

/** Names a recording or a stored file; to the server no more than a name. */
export const fileKey = z.string().min(1).max(200).regex(/^[\w.:~-]+$/);
const status = z.enum(JOB_STATES);
/** Over the whole plan, %. */
const progress = z.number().int().min(0).max(100);

const opts = z.object({
  pitch: z.boolean().default(false).describe('Match pitch in mode B'),
  ceiling_dbtp: z.number().min(limiter.parameters.tpDb.min).max(limiter.parameters.tpDb.max).default(limiter.parameters.tpDb.default).describe('dBTP'),
  residual_fir: z.boolean().default(false).describe('Estimate the residual match FIR too'),
});

/** shared/metrics.ts in its travelling form. */
export const metrics = z.object({
  stft_dist: z.number().nullable(),
  mel_dist: z.number().nullable().describe('dB'),
  lufs_err: z.number().nullable().describe('LU'),
  tp_db: z.number().nullable().describe('dBTP'),
  artifacts_rate: z.number().min(0).describe('per minute'),
  ltas_error_db: z.number().nullable(),
  ltas_error_before_db: z.number().nullable(),
});

export type JobOptionsDocument = z.output<typeof opts>;

const segment = z.object({
  index: z.number().int().min(0).max(100_000),
  first_frame: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  frames: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  state: z.enum(['waiting', 'running', 'done']),
});

export const job = z.object({
  id: z.uuid(), workspace_id: z.uuid(), mode: z.enum(['A', 'B']), ref_key: z.string().nullable(), tgt_key: z.string(), opts,
  status, progress,
  /** Once the result is stored. */
  download_url: z.string().optional(),
  viz_urls: z.array(z.string()).optional(),
  metrics: metrics.optional(),
  error: errorAnswer.optional(),
  created_at: z.iso.datetime(), updated_at: z.iso.datetime(),
});

export const createJob = route('post', '/jobs', {
  summary: 'Record a job that this device works on. The same key again is the same job.',
  status: 201, query: workspace,
  body: z.object({
    mode: z.enum(['A', 'B']).describe('A: same performance before and after. B: different recordings'),
    ref_key: fileKey.nullable().describe('null where a style is rendered and nothing is matched'), tgt_key: fileKey,
    opts: opts.prefault({}), idempotency_key: z.string().min(1).max(200).regex(/^[\x21-\x7e]+$/),
  }),
  answer: z.object({ job_id: z.uuid() }),
  errors: ['job/key-reused', 'account/too-many-tries', 'server/not-found', 'account/not-allowed'],
});

export const listJobs = route('get', '/jobs', {
  summary: 'Jobs, the newest first.',
  query: workspace.extend({ status: status.optional(), limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.uuid().optional() }),
  answer: z.object({ jobs: z.array(job), next_cursor: z.uuid().nullable() }),
  errors: ['server/not-found'],
});

const oneJob = job.extend({
  segments: z.array(segment),
  /** What was measured over time, newest first; `metrics` is the first of them. */
  metrics_history: z.array(metrics.extend({ at: z.iso.datetime() })),
});

export const getJob = route('get', '/jobs/{id}', { summary: 'One job, with its segments and measurements.', params: id, answer: oneJob, errors: ['server/not-found'] });

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

const failure = z.object({ reason: z.enum(codes), args: z.record(z.string().max(40), z.union([z.number(), z.string().max(300)])).default({}) });
export type JobFailure = z.output<typeof failure>;

export const updateJob = route('patch', '/jobs/{id}', {
  summary: 'How far it is, as a device of whoever started it says.',
  params: id,
  body: z.object({
    status: status.optional(),
    progress: progress.optional(),
    segments: z.array(segment).max(256).optional(),
    metrics: metrics.optional(),
    result_key: fileKey.nullable().optional(),
    viz_keys: z.array(fileKey).max(16).optional(),
    error: failure.optional().describe('With FAILED'),
  }),
  answer: job, errors: ['job/no-such-step', 'job/not-yours', 'server/not-found', 'account/not-allowed'],
});

export const retryJob = route('post', '/jobs/{id}/retry', {
  summary: 'Ask for it again: a device of whoever started it takes it up.',
  params: id, answer: job, errors: ['job/no-such-step', 'server/not-found', 'account/not-allowed'],
});

/** What an event says: the job as it is now. */
export const jobEvent = job.pick({ id: true, workspace_id: true, status: true, progress: true, updated_at: true, error: true });
export type JobEvent = z.output<typeof jobEvent>;

export const jobEvents = rawRoute('get', '/jobs/events', {
  summary: 'What happens to the jobs of a workspace, on whichever device.',
  speaks: 'text/event-stream. `ready` first; then `job` with {id, workspace_id, status, progress, updated_at, error?}, changes that come faster than they are read told as one; `end` when the token or the session is over. `Last-Event-ID` (or `after`) goes on behind that event. A comment every 15 s is a sign of life.',
  query: workspace.extend({ after: z.coerce.number().int().min(0).optional() }),
  statuses: [200], errors: ['server/not-found', 'account/too-many-tries'],
});
