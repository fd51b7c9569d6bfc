/**
 * Where the service worker puts what is shared to the app, and where the page finds it: a cache, because both can reach it
 * and it keeps bodies of any size on disk. What lies here is safe before any page opens.
 */
const CACHE = 'tonetwin-inbox-1';
const NAME_HEADER = 'X-File-Name';

export interface ArrivedFile {
  readonly key: string;
  readonly file: File;
}

/** @throws what the browser throws when there is no room; nothing of these is then left */
export async function putIntoInbox(files: readonly File[]): Promise<void> {
  const cache = await caches.open(CACHE);
  const put: string[] = [];
  try {
    for (const file of files) {
      const key = `/inbox/${crypto.randomUUID()}`;
      put.push(key);
      await cache.put(key, new Response(file, { headers: { [NAME_HEADER]: encodeURIComponent(file.name), 'Content-Type': file.type } }));
    }
  } catch (thrown) {
    await Promise.all(put.map((key) => cache.delete(key)));
    throw thrown;
  }
}

export async function readInbox(): Promise<ArrivedFile[]> {
  if (!('caches' in globalThis) || !(await caches.has(CACHE))) return [];
  const cache = await caches.open(CACHE);
  const found: ArrivedFile[] = [];
  for (const { url } of await cache.keys()) {
    const answer = await cache.match(url);
    if (!answer) continue;
    const name = decodeURIComponent(answer.headers.get(NAME_HEADER) ?? '');
    found.push({ key: url, file: new File([await answer.blob()], name, { type: answer.headers.get('Content-Type') ?? '' }) });
  }
  return found;
}

export async function removeFromInbox(key: string): Promise<void> {
  await (await caches.open(CACHE)).delete(key);
}
