/** Where a copy of everything can go in this browser. */

/** Not yet in the DOM library of TypeScript: https://wicg.github.io/file-system-access/ */
interface Pickers {
  showDirectoryPicker?(options: { readonly id: string; readonly mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
  showSaveFilePicker?(options: { readonly id: string; readonly suggestedName: string; readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[] }): Promise<FileSystemFileHandle>;
}
const pickers = globalThis as Pickers;

export const canChooseFolder = (): boolean => pickers.showDirectoryPicker !== undefined;

/** Null when the person chose none. */
async function chosen<H>(picking: Promise<H>): Promise<H | null> {
  try {
    return await picking;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'AbortError') return null;
    throw thrown;
  }
}

export const chooseFolder = (): Promise<FileSystemDirectoryHandle | null> =>
  pickers.showDirectoryPicker ? chosen(pickers.showDirectoryPicker({ id: 'tonetwin-copy', mode: 'readwrite' })) : Promise.resolve(null);

/** 'download': the browser has no such dialog; the file comes as any download does. */
export const chooseZip = (name: string): Promise<FileSystemFileHandle | null> | 'download' =>
  pickers.showSaveFilePicker ? chosen(pickers.showSaveFilePicker({ id: 'tonetwin-copy', suggestedName: name, types: [{ accept: { 'application/zip': ['.zip'] } }] })) : 'download';

/** `tonetwin-2025-03-09.zip` */
export const zipName = (nowMs: number): string => `tonetwin-${new Date(nowMs).toISOString().slice(0, 10)}.zip`;
