/** What the product has stored in the page's browser, read past the product: facts from IndexedDB, bytes from OPFS. */
import type { Page } from '@playwright/test';
import type { Job } from '../../shared/jobs.ts';
import type { Documents, Folder, Table } from '../../web/storage/contract.ts';

export const storedDocuments = <T extends Table>(page: Page, table: T): Promise<Documents[T][]> =>
  page.evaluate(
    (name) =>
      new Promise<never>((resolve, reject) => {
        const opening = indexedDB.open('tonetwin');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const all = database.transaction(name).objectStore(name).getAll();
          all.onsuccess = () => {
            database.close();
            resolve(all.result as never);
          };
        };
      }),
    table,
  );

/** Bytes of a stored file; null where there is none. */
export async function storedBytes(page: Page, folder: Folder, id: string): Promise<Buffer | null> {
  const text = await page.evaluate(
    async ([inFolder, name]) => {
      try {
        const top = await (await navigator.storage.getDirectory()).getDirectoryHandle('tonetwin');
        const file = await (await (await top.getDirectoryHandle(inFolder)).getFileHandle(name)).getFile();
        const bytes = new Uint8Array(await file.arrayBuffer());
        let letters = '';
        for (let i = 0; i < bytes.length; i += 0x8000) letters += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
        return btoa(letters);
      } catch {
        return null;
      }
    },
    [folder, id] as const,
  );
  return text === null ? null : Buffer.from(text, 'base64');
}

export const floatsOf = (bytes: Buffer): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);

export const storedJobs = (page: Page): Promise<Job[]> => storedDocuments(page, 'jobs');
