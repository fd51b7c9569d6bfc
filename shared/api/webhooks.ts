/** Webhooks: programs that are told when a job is over. Signed as Standard Webhooks 1.0 has it. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { MetricsDocument } from '../metrics.ts';
import { route } from './contract.ts';
import type { JobFailure } from './jobs.ts';

const id = z.object({ id: z.uuid() });
const workspace = z.object({ workspace_id: z.uuid().optional() });
const url = z.string().min(1).max(2000);
const page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.uuid().optional() });

const webhook = z.object({ id: z.uuid(), workspace_id: z.uuid(), url: z.string(), active: z.boolean(), created_at: z.iso.datetime() });

export const createWebhook = route('post', '/webhooks', {
  summary: 'Have an address told when a job of the workspace completes or fails (owners). It is sent `job.completed` or `job.failed`, signed: `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`.',
  status: 201, query: workspace, body: z.object({ url }),
  answer: webhook.extend({ secret: z.string().describe('Key of the signatures, told this once: whsec_ and base64') }),
  errors: ['webhook/address', 'workspace/full', 'server/not-found', 'account/not-allowed'],
});

export const listWebhooks = route('get', '/webhooks', {
  summary: 'The webhooks of a workspace (owners), the newest first.',
  query: workspace.extend(page.shape), answer: z.object({ webhooks: z.array(webhook), next_cursor: z.uuid().nullable() }), errors: ['server/not-found', 'account/not-allowed'],
});

export const updateWebhook = route('patch', '/webhooks/{id}', {
  summary: 'Change its address, or switch it off and on.', params: id, body: z.object({ url: url.optional(), active: z.boolean().optional() }), answer: webhook,
  errors: ['webhook/address', 'server/not-found', 'account/not-allowed'],
});

export const deleteWebhook = route('delete', '/webhooks/{id}', { summary: 'Delete it, with what was to be sent.', params: id, errors: ['server/not-found', 'account/not-allowed'] });

export const testWebhook = route('post', '/webhooks/{id}/test', { summary: 'Send it a `ping`.', params: id, errors: ['server/not-found', 'account/not-allowed', 'account/too-many-tries'] });

const deliveryState = z.enum(['waiting', 'delivered', 'dead']);

export const listDeliveries = route('get', '/webhooks/{id}/deliveries', {
  summary: 'What was sent, or could not be: `dead` is what was given up after the last try.',
  params: id, query: page.extend({ state: deliveryState.optional() }),
  answer: z.object({
    deliveries: z.array(z.object({
      id: z.uuid(), event: z.string(), state: deliveryState, tries: z.number().int(),
      /** Of the last answer; null where there was none. */
      last_status: z.number().int().nullable(), last_error: z.string().nullable(),
      created_at: z.iso.datetime(), next_try_at: z.iso.datetime().nullable(),
    })),
    next_cursor: z.uuid().nullable(),
  }),
  errors: ['server/not-found', 'account/not-allowed'],
});

export const retryDelivery = route('post', '/webhooks/{id}/deliveries/{delivery_id}/retry', {
  summary: 'Send it once more, with all its tries.', params: id.extend({ delivery_id: z.uuid() }), errors: ['server/not-found', 'account/not-allowed', 'account/too-many-tries'],
});

/** `data` of job.completed and job.failed. */
export const jobOverEvent = (job: { readonly id: string; readonly workspaceId: string; readonly status: string; readonly error: JobFailure | null }, metrics: MetricsDocument | null) => ({
  job_id: job.id, workspace_id: job.workspaceId, status: job.status,
  ...(metrics ? { metrics } : {}),
  ...(job.error ? { error: new AppError(job.error.reason, job.error.args).toAnswer() } : {}),
});
