/** Presets and their links. */
import { randomBytes } from 'node:crypto';
import { and, desc, eq, gt, ilike, isNull, lt, or, sql } from 'drizzle-orm';
import { AppError } from '../../shared/errors.ts';
import { styleFromDocument } from '../../shared/style-document.ts';
import type { StyleParams } from '../../shared/style-params.ts';
import * as contract from '../../shared/api/presets.ts';
import { writeAudit } from '../audit.ts';
import type { Queries } from '../database/open-database.ts';
import { presets, presetShares, presetVersions, workspaces } from '../database/schema.ts';
import { newId } from '../ids.ts';
import { findShare } from '../share/shares.ts';
import type { Quotas } from '../quotas.ts';
import type { Deed, Workspaces } from '../workspaces.ts';
import type { Mount } from './mount.ts';
import { readTimeCursor, timeCursor } from './time-cursor.ts';
import { paged } from './workspaces.ts';

export interface PresetParts {
  readonly queries: Queries;
  readonly workspaces: Workspaces;
  readonly quotas: Quotas;
  readonly nowMs: () => number;
}

type Row = typeof presets.$inferSelect;
/** A transaction, or the database itself. */
type Writer = Pick<Queries, 'insert' | 'update' | 'select' | 'delete'>;

const UNIQUE_VIOLATION = '23505';
/** 80 bits: nobody guesses one. */
const SLUG_BYTES = 10;
const SLUG = /^[\w-]{14}$/;
export const linkOf = (slug: string): string => `/p/${slug}`;

const summaryOf = ({ id, workspaceId, name, isPublic, version, createdAt, updatedAt }: Omit<Row, 'style' | 'copiedFrom'>) => ({
  id, workspace_id: workspaceId, name, public: isPublic, version, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString(),
});
const presetOf = (row: Row) => ({ ...summaryOf(row), style_params: row.style as unknown as Record<string, unknown>, copied_from: row.copiedFrom });

/** In a pattern these stand for others; here they stand for themselves. */
const literally = (text: string): string => text.replace(/[\\%_]/g, (letter) => `\\${letter}`);

/** The document's own rules, which the schema cannot say: the version, the curve, the order. @throws AppError 'style/*' */
function checkedStyle(style: StyleParams): StyleParams {
  styleFromDocument(style);
  return style;
}

export function mountPresets(mount: Mount, { queries, workspaces: rooms, quotas, nowMs }: PresetParts): void {
  /** @throws AppError 'server/not-found', 'account/not-allowed' */
  async function owned(userId: string, id: string, deed: Deed): Promise<Row> {
    const [row] = await queries.select().from(presets).where(eq(presets.id, id));
    if (!row) throw new AppError('server/not-found');
    await rooms.allowed(userId, row.workspaceId, deed);
    return row;
  }

  const named = <T>(work: Promise<T>): Promise<T> =>
    work.catch((thrown: unknown) => {
      throw (thrown as { cause?: { code?: string } }).cause?.code === UNIQUE_VIOLATION ? new AppError('preset/name-taken') : thrown;
    });

  async function insert(writer: Writer, row: Row, madeBy: string): Promise<Row> {
    await quotas.room(writer, row.workspaceId, 'presets');
    const [made] = await writer.insert(presets).values(row).returning();
    await writer.insert(presetVersions).values({ presetId: row.id, version: row.version, name: row.name, style: row.style, madeBy, createdAt: row.updatedAt });
    return made!;
  }

  const aRow = (workspaceId: string, name: string, style: StyleParams, rest: Partial<Row> = {}): Row => {
    const now = new Date(nowMs());
    return { id: newId(nowMs()), workspaceId, name, style, isPublic: false, version: 1, copiedFrom: null, createdAt: now, updatedAt: now, ...rest };
  };

  mount.on(contract.listPresets, async ({ caller, query: { workspace_id, search, limit, cursor } }) => {
    const workspaceId = await rooms.allowed(caller.userId, workspace_id ?? null, 'read');
    const after = cursor === undefined ? null : readTimeCursor(cursor);
    const rows = await queries
      .select({ id: presets.id, workspaceId: presets.workspaceId, name: presets.name, isPublic: presets.isPublic, version: presets.version, createdAt: presets.createdAt, updatedAt: presets.updatedAt })
      .from(presets)
      .where(and(
        eq(presets.workspaceId, workspaceId),
        search === '' ? undefined : ilike(presets.name, `%${literally(search)}%`),
        after === null ? undefined : or(lt(presets.updatedAt, after.at), and(eq(presets.updatedAt, after.at), sql`${presets.id} > ${after.id}`)),
      ))
      .orderBy(desc(presets.updatedAt), presets.id)
      .limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, ({ updatedAt, id }) => timeCursor(updatedAt, id));
    return { presets: shown.map(summaryOf), next_cursor };
  });

  mount.on(contract.createPreset, async ({ caller, query, body }) => {
    const workspaceId = await rooms.allowed(caller.userId, query.workspace_id ?? null, 'write');
    const row = aRow(workspaceId, body.name, checkedStyle(body.style_params), { isPublic: body.public });
    return presetOf(await named(queries.transaction((transaction) => insert(transaction, row, caller.userId))));
  });

  mount.on(contract.getPreset, async ({ caller, params }) => presetOf(await owned(caller.userId, params.id, 'read')));

  mount.on(contract.updatePreset, async ({ caller, params, body }) => {
    await owned(caller.userId, params.id, 'write');
    const changed = await named(queries.transaction(async (transaction) => {
      const [row] = await transaction.select().from(presets).where(eq(presets.id, params.id)).for('update');
      if (!row) throw new AppError('server/not-found');
      if (body.version !== undefined && body.version !== row.version) throw new AppError('preset/changed-meanwhile');
      const next = { name: body.name ?? row.name, style: body.style_params ? checkedStyle(body.style_params) : row.style, isPublic: body.public ?? row.isPublic, version: row.version + 1, updatedAt: new Date(nowMs()) };
      const [made] = await transaction.update(presets).set(next).where(eq(presets.id, row.id)).returning();
      await transaction.insert(presetVersions).values({ presetId: row.id, version: next.version, name: next.name, style: next.style, madeBy: caller.userId, createdAt: next.updatedAt });
      return made!;
    }));
    return presetOf(changed);
  });

  mount.on(contract.deletePreset, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id, 'write');
    await queries.transaction(async (transaction) => {
      await transaction.delete(presets).where(eq(presets.id, row.id));
      await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'preset.deleted', detail: { preset: row.id } }, nowMs());
    });
  });

  mount.on(contract.listVersions, async ({ caller, params, query: { limit, cursor } }) => {
    const row = await owned(caller.userId, params.id, 'read');
    const rows = await queries.select({ version: presetVersions.version, name: presetVersions.name, createdAt: presetVersions.createdAt }).from(presetVersions)
      .where(and(eq(presetVersions.presetId, row.id), cursor === undefined ? undefined : lt(presetVersions.version, cursor)))
      .orderBy(desc(presetVersions.version)).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, ({ version }) => String(version));
    return { versions: shown.map(({ version, name, createdAt }) => ({ version, name, created_at: createdAt.toISOString() })), next_cursor };
  });

  mount.on(contract.getVersion, async ({ caller, params }) => {
    const { id } = await owned(caller.userId, params.id, 'read');
    const [row] = await queries.select().from(presetVersions).where(and(eq(presetVersions.presetId, id), eq(presetVersions.version, params.version)));
    if (!row) throw new AppError('server/not-found');
    return { version: row.version, name: row.name, created_at: row.createdAt.toISOString(), style_params: row.style as unknown as Record<string, unknown> };
  });

  mount.on(contract.sharePreset, async ({ caller, params }) => {
    const row = await owned(caller.userId, params.id, 'write');
    const slug = randomBytes(SLUG_BYTES).toString('base64url');
    await queries.transaction(async (transaction) => {
      await transaction.insert(presetShares).values({ slug, presetId: row.id, version: row.version, createdAt: new Date(nowMs()) });
      await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'preset.shared', detail: { preset: row.id } }, nowMs());
    });
    return { url: linkOf(slug), slug };
  });

  mount.on(contract.listShares, async ({ caller, params, query: { limit, cursor } }) => {
    const row = await owned(caller.userId, params.id, 'read');
    const after = cursor === undefined ? null : readTimeCursor(cursor, SLUG);
    const rows = await queries.select().from(presetShares)
      .where(and(
        eq(presetShares.presetId, row.id),
        after === null ? undefined : or(lt(presetShares.createdAt, after.at), and(eq(presetShares.createdAt, after.at), gt(presetShares.slug, after.id))),
      ))
      .orderBy(desc(presetShares.createdAt), presetShares.slug).limit(limit + 1);
    const { shown, next_cursor } = paged(rows, limit, ({ createdAt, slug }) => timeCursor(createdAt, slug));
    return { shares: shown.map(({ slug, version, views, createdAt, revokedAt }) => ({ slug, url: linkOf(slug), version, views, created_at: createdAt.toISOString(), revoked: revokedAt !== null })), next_cursor };
  });

  mount.on(contract.revokeShare, async ({ caller, params }) => {
    const [share] = await queries.select({ presetId: presetShares.presetId }).from(presetShares).where(eq(presetShares.slug, params.slug));
    if (!share) throw new AppError('server/not-found');
    const row = await owned(caller.userId, share.presetId, 'write');
    await queries.transaction(async (transaction) => {
      const revoked = await transaction.update(presetShares).set({ revokedAt: new Date(nowMs()) }).where(and(eq(presetShares.slug, params.slug), isNull(presetShares.revokedAt))).returning({ slug: presetShares.slug });
      if (revoked.length > 0) await writeAudit(transaction, { userId: caller.userId, workspaceId: row.workspaceId, action: 'preset.unshared', detail: { preset: row.id } }, nowMs());
    });
  });

  mount.on(contract.importShare, async ({ caller, params, query }) => {
    const workspaceId = await rooms.allowed(caller.userId, query.workspace_id ?? null, 'write');
    const shared = await findShare(queries, params.slug);
    if (!shared) throw new AppError('server/not-found');
    if (shared === 'revoked') throw new AppError('share/revoked');
    return presetOf(await named(queries.transaction(async (transaction) => {
      // One import after the other within a workspace: two that look for a free name at once would find the same.
      await transaction.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.id, workspaceId)).for('no key update');
      const taken = await transaction.select({ name: presets.name }).from(presets).where(eq(presets.workspaceId, workspaceId));
      const row = aRow(workspaceId, freeName(shared.name, new Set(taken.map(({ name }) => name.toLowerCase()))), shared.style, { copiedFrom: params.slug });
      return insert(transaction, row, caller.userId);
    })));
  });
}

/** "Warm", "Warm 2", "Warm 3" ...; of a name that is as long as one may be the end makes room for the number. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n += 1) {
    const number = ` ${n}`;
    free = `${storableStart(name, contract.MOST_NAME - number.length)}${number}`;
  }
  return free;
}

/** No half of a pair of surrogates at its end. */
const storableStart = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '').trimEnd();
