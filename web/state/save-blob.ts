/** Hands a file to the person through the browser's download. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser needs the address until it has begun to read.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name without what file systems take for something else. */
export const saneFileName = (name: string): string => name.replace(/[\p{Cc}\\/:*?"<>|]+/gu, '-');
