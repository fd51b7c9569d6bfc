/** Addresses that are not under /api: signs of life, what a monitor reads, the reference. */
import { z } from 'zod';
import { route } from './contract.ts';
import { rawRoute } from './raw-contract.ts';

const state = z.enum(['ok', 'failed']);

export const health = route('get', '/health', { summary: 'The program lives.', access: 'anybody', answer: z.object({ status: z.literal('ok') }) });

export const ready = rawRoute('get', '/ready', {
  summary: 'Whether it can do its work: what it needs, each by name.',
  speaks: '200, or 503 where something failed; either way {status, checks: {name: ok or failed}}.', access: 'anybody', statuses: [200, 503],
});
export const readiness = z.object({ status: state, checks: z.record(z.string(), state) });

export const metricsPage = rawRoute('get', '/metrics', {
  summary: 'What Prometheus reads.',
  speaks: 'Prometheus text exposition. For who has METRICS_TOKEN (`Authorization: Bearer`); without one for this machine alone, to others it is not there.', access: 'anybody', statuses: [200], errors: ['server/not-found'],
});

export const openApi = rawRoute('get', '/openapi.json', { summary: 'This document: OpenAPI 3.1.', speaks: 'JSON.', access: 'anybody', statuses: [200] });
export const docs = rawRoute('get', '/docs', { summary: 'This document, to browse.', speaks: 'HTML.', access: 'anybody', statuses: [200] });

const slug = z.object({ slug: z.string().max(40) });
const shareErrors = ['server/not-found', 'share/revoked', 'account/too-many-tries'] as const;
export const sharePage = rawRoute('get', '/p/{slug}', {
  summary: 'A preset that somebody shares.', speaks: 'HTML; with `Accept: application/json` its name and style.', access: 'anybody', params: slug, statuses: [200], errors: shareErrors,
});
export const shareDrawing = rawRoute('get', '/p/{slug}/card.svg', { summary: 'Its curve, as a drawing.', speaks: 'SVG.', access: 'anybody', params: slug, statuses: [200], errors: shareErrors });
export const sharePicture = rawRoute('get', '/p/{slug}/card.png', { summary: 'Its curve, as a picture.', speaks: 'PNG, 1200 by 630.', access: 'anybody', params: slug, statuses: [200], errors: shareErrors });

export const OUTSIDE = [health, ready, metricsPage, openApi, docs, sharePage, shareDrawing, sharePicture];
