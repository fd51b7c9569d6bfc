/** Links as the database has them. */
import { and, eq, sql } from 'drizzle-orm';
import type { StyleParams } from '../../shared/style-params.ts';
import type { Queries } from '../database/open-database.ts';
import { presets, presetShares, presetVersions } from '../database/schema.ts';

export interface SharedPreset {
  readonly slug: string;
  readonly name: string;
  readonly style: StyleParams;
  readonly version: number;
  readonly isPublic: boolean;
  readonly createdAt: Date;
}

/** What a link shows; null where there is none. */
export async function findShare(queries: Queries, slug: string): Promise<SharedPreset | 'revoked' | null> {
  const [found] = await queries
    .select({ slug: presetShares.slug, name: presetVersions.name, style: presetVersions.style, version: presetShares.version, isPublic: presets.isPublic, createdAt: presetShares.createdAt, revokedAt: presetShares.revokedAt })
    .from(presetShares)
    .innerJoin(presets, eq(presets.id, presetShares.presetId))
    .innerJoin(presetVersions, and(eq(presetVersions.presetId, presetShares.presetId), eq(presetVersions.version, presetShares.version)))
    .where(eq(presetShares.slug, slug));
  if (!found) return null;
  const { revokedAt, ...share } = found;
  return revokedAt === null ? share : 'revoked';
}

export async function countView(queries: Queries, slug: string): Promise<void> {
  await queries.update(presetShares).set({ views: sql`${presetShares.views} + 1` }).where(eq(presetShares.slug, slug));
}
