/** Vaults: one for each account, and what carries a vault key to a new device. The server looks into none of it. */
import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import * as contract from '../../shared/api/vault.ts';
import { AppError } from '../../shared/errors.ts';
import type { Queries } from '../database/open-database.ts';
import { auditLogs, vaultPairings, vaults } from '../database/schema.ts';
import { newId } from '../ids.ts';
import type { Mount } from './mount.ts';

export interface VaultParts {
  readonly queries: Queries;
  readonly nowMs: () => number;
}

/** Time to walk over to the other device. */
const PAIRING_MS = 5 * 60_000;

type VaultRow = typeof vaults.$inferSelect;
type PairingRow = typeof vaultPairings.$inferSelect;

const vaultOf = ({ id, envelope, version, createdAt, updatedAt }: VaultRow): contract.Vault => ({ ...envelope, id, version, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() });
const pairingOf = ({ answer, sealed, expiresAt }: PairingRow): contract.Pairing => ({ answer, sealed, expires_at: expiresAt.toISOString() });

/** As it is stored, for whoever takes their data away: wrapped. Null: there is none. */
export async function vaultOfUser(queries: Queries, userId: string): Promise<contract.Vault | null> {
  const [row] = await queries.select().from(vaults).where(eq(vaults.userId, userId));
  return row ? vaultOf(row) : null;
}

export function mountVault(mount: Mount, { queries, nowMs }: VaultParts): void {
  const now = (): Date => new Date(nowMs());
  const audit = (userId: string, action: string) => queries.insert(auditLogs).values({ at: now(), userId, action, detail: {} });

  mount.on(contract.getVault, async ({ caller }) => {
    const vault = await vaultOfUser(queries, caller.userId);
    if (!vault) throw new AppError('server/not-found');
    return vault;
  });

  mount.on(contract.createVault, async ({ caller, body }) => {
    const row = { id: newId(nowMs()), userId: caller.userId, envelope: body, version: 1, createdAt: now(), updatedAt: now() };
    const [made] = await queries.insert(vaults).values(row).onConflictDoNothing().returning();
    if (!made) throw new AppError('vault/exists');
    await audit(caller.userId, 'vault.created');
    return vaultOf(made);
  });

  mount.on(contract.updateVault, async ({ caller, body }) => {
    const { version, ...envelope } = body;
    const [changed] = await queries
      .update(vaults)
      .set({ envelope, version: sql`${vaults.version} + 1`, updatedAt: now() })
      .where(and(eq(vaults.userId, caller.userId), eq(vaults.version, version)))
      .returning();
    if (changed) {
      await audit(caller.userId, 'vault.changed');
      return vaultOf(changed);
    }
    const [row] = await queries.select({ id: vaults.id }).from(vaults).where(eq(vaults.userId, caller.userId));
    throw new AppError(row ? 'vault/changed-meanwhile' : 'server/not-found');
  });

  mount.on(contract.destroyVault, async ({ caller }) => {
    const gone = await queries.transaction(async (transaction) => {
      await transaction.delete(vaultPairings).where(eq(vaultPairings.userId, caller.userId));
      return transaction.delete(vaults).where(eq(vaults.userId, caller.userId)).returning({ id: vaults.id });
    });
    if (gone.length === 0) throw new AppError('server/not-found');
    await audit(caller.userId, 'vault.destroyed');
  });

  /** One's own, while its time lasts. */
  const open = (userId: string, id: string) => and(eq(vaultPairings.userId, userId), eq(vaultPairings.id, id), gt(vaultPairings.expiresAt, now()));

  /** What a change found; where it found nothing, why. @throws AppError 'server/not-found', 'vault/pairing-taken' */
  async function changed(userId: string, id: string, rows: readonly PairingRow[]): Promise<contract.Pairing> {
    const [row] = rows;
    if (row) return pairingOf(row);
    const [known] = await queries.select({ id: vaultPairings.id }).from(vaultPairings).where(open(userId, id));
    throw new AppError(known ? 'vault/pairing-taken' : 'server/not-found');
  }

  mount.on(contract.openPairing, async ({ caller, params }) => {
    // Whoever opens one throws out what is over, everybody's.
    await queries.delete(vaultPairings).where(lte(vaultPairings.expiresAt, now()));
    const row = { userId: caller.userId, id: params.id, answer: null, sealed: null, expiresAt: new Date(nowMs() + PAIRING_MS) };
    const [made] = await queries.insert(vaultPairings).values(row).onConflictDoNothing().returning();
    // Asked twice, as after an answer that was lost: it is the same one.
    return made ? pairingOf(made) : changed(caller.userId, params.id, await queries.select().from(vaultPairings).where(open(caller.userId, params.id)));
  });

  mount.on(contract.getPairing, async ({ caller, params }) => {
    const [row] = await queries.select().from(vaultPairings).where(open(caller.userId, params.id));
    if (!row) throw new AppError('server/not-found');
    return pairingOf(row);
  });

  mount.on(contract.answerPairing, async ({ caller, params, body }) => {
    const rows = await queries.update(vaultPairings).set({ answer: body }).where(and(open(caller.userId, params.id), isNull(vaultPairings.answer))).returning();
    return changed(caller.userId, params.id, rows);
  });

  mount.on(contract.completePairing, async ({ caller, params, body }) => {
    const rows = await queries.update(vaultPairings).set({ sealed: body.sealed }).where(and(open(caller.userId, params.id), sql`${vaultPairings.answer} IS NOT NULL`, isNull(vaultPairings.sealed))).returning();
    if (rows.length > 0) await audit(caller.userId, 'vault.paired');
    return changed(caller.userId, params.id, rows);
  });

  mount.on(contract.endPairing, async ({ caller, params }) => {
    const gone = await queries.delete(vaultPairings).where(open(caller.userId, params.id)).returning({ id: vaultPairings.id });
    if (gone.length === 0) throw new AppError('server/not-found');
  });
}
