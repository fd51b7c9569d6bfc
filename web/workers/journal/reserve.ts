/** Room kept aside while a take is recorded, given back when it ends or the device is full: for the last block and the facts of the end. */
import type { ByteStore, FileName } from '../../storage/contract.ts';

/** Some blocks, a chapter, and a browser's own book-keeping for a few documents. */
const RESERVE_BYTES = 1 << 20;

const reserveFile = (takeId: string): FileName => ({ folder: 'scratch', id: `reserve-${takeId}` });

/**
 * @returns gives it back; doing so twice is fine
 * @throws AppError 'storage/full' where there is not even so much room
 */
export async function reserveFor(bytes: ByteStore, takeId: string): Promise<() => Promise<void>> {
  const name = reserveFile(takeId);
  const release = (): Promise<void> => bytes.remove(name).catch(() => undefined);
  try {
    const writer = await bytes.writer(name);
    await writer.write(new Uint8Array(RESERVE_BYTES)).finally(() => writer.close());
  } catch (thrown) {
    await release();
    throw thrown;
  }
  return release;
}
