/** Presets of a workspace, and links to them. */
import { z } from 'zod';
import { styleParamsSchema } from '../style-params.ts';
import { route } from './contract.ts';

const id = z.object({ id: z.uuid() });
/** The longest name, UTF-16 units. */
export const MOST_NAME = 120;
const name = z.string().trim().min(1).max(MOST_NAME);
const limit = z.coerce.number().int().min(1).max(100).default(50);
const next_cursor = z.string().nullable();

/** Without a workspace: the person's own. */
const workspace = z.object({ workspace_id: z.uuid().optional() });

const summary = z.object({
  id: z.uuid(), workspace_id: z.uuid(), name: z.string(), public: z.boolean(), version: z.number().int(),
  created_at: z.iso.datetime(), updated_at: z.iso.datetime(),
});
/** The style as stored: it was checked when it came in, and newer fields of a newer version are not dropped on the way out. */
export const preset = summary.extend({ style_params: z.record(z.string(), z.unknown()), copied_from: z.string().nullable() });

/** Checked by the schema of styles; what it leaves open (a curve too long, say) is refused by the document's own rules. */
const style_params = styleParamsSchema;

export const listPresets = route('get', '/presets', {
  summary: 'Presets, the one changed last first.',
  query: workspace.extend({ search: z.string().trim().max(120).default(''), limit, cursor: z.string().max(200).optional() }),
  answer: z.object({ presets: z.array(summary), next_cursor }),
  errors: ['server/not-found'],
});

export const createPreset = route('post', '/presets', {
  summary: 'Store a style under a name.', status: 201,
  query: workspace, body: z.object({ name, style_params, public: z.boolean().default(false) }), answer: preset,
  errors: ['preset/name-taken', 'workspace/full', 'style/invalid', 'style/newer', 'server/not-found', 'account/not-allowed'],
});

export const getPreset = route('get', '/presets/{id}', { summary: 'One preset.', params: id, answer: preset, errors: ['server/not-found'] });

export const updatePreset = route('put', '/presets/{id}', {
  summary: 'Change it; the version before is kept. With `version`: only if it is still that one.',
  params: id, body: z.object({ name: name.optional(), style_params: style_params.optional(), public: z.boolean().optional(), version: z.int32().optional() }), answer: preset,
  errors: ['preset/name-taken', 'preset/changed-meanwhile', 'style/invalid', 'server/not-found', 'account/not-allowed'],
});

export const deletePreset = route('delete', '/presets/{id}', { summary: 'Delete it, with its versions and links.', params: id, errors: ['server/not-found', 'account/not-allowed'] });

const version = z.object({ version: z.number().int(), name: z.string(), created_at: z.iso.datetime() });

export const listVersions = route('get', '/presets/{id}/versions', {
  summary: 'What it is and was before, newest first.',
  params: id, query: z.object({ limit, cursor: z.coerce.number().int().min(1).max(2 ** 31 - 1).optional() }), answer: z.object({ versions: z.array(version), next_cursor }),
  errors: ['server/not-found'],
});

export const getVersion = route('get', '/presets/{id}/versions/{version}', {
  summary: 'One version, with its style.',
  params: id.extend({ version: z.coerce.number().int().min(1).max(2 ** 31 - 1) }), answer: version.extend({ style_params: z.record(z.string(), z.unknown()) }),
  errors: ['server/not-found'],
});

export const sharePreset = route('post', '/presets/{id}/share', {
  summary: 'A link that shows this version to whoever has it.', status: 201,
  params: id, answer: z.object({ url: z.string(), slug: z.string() }), errors: ['server/not-found', 'account/not-allowed'],
});

export const listShares = route('get', '/presets/{id}/shares', {
  summary: 'Its links, the newest first.',
  params: id, query: z.object({ limit, cursor: z.string().max(200).optional() }),
  answer: z.object({ shares: z.array(z.object({ slug: z.string(), url: z.string(), version: z.number().int(), views: z.number().int(), created_at: z.iso.datetime(), revoked: z.boolean() })), next_cursor }),
  errors: ['server/not-found'],
});

const slug = z.object({ slug: z.string().max(40) });

export const revokeShare = route('delete', '/shares/{slug}', { summary: 'The link shows nothing any more.', params: slug, errors: ['server/not-found', 'account/not-allowed'] });

export const openShare = route('get', '/shares/{slug}', {
  summary: 'What a link shows. Its page is /p/{slug}, which answers the same to Accept: application/json.',
  access: 'anybody', params: slug,
  answer: z.object({ slug: z.string(), url: z.string(), name: z.string(), version: z.number().int(), style_params: z.record(z.string(), z.unknown()), created_at: z.iso.datetime() }),
  errors: ['server/not-found', 'share/revoked', 'account/too-many-tries'],
});

export const importShare = route('post', '/shares/{slug}/import', {
  summary: 'A copy of what a link shows, among your own presets.', status: 201,
  params: slug, query: workspace, answer: preset, errors: ['preset/name-taken', 'workspace/full', 'server/not-found', 'share/revoked', 'account/not-allowed'],
});
