/** Files that the system hands to the installed app ("open with"). */

/** Not yet in the DOM library of TypeScript: https://wicg.github.io/web-app-launch/ */
interface LaunchQueue {
  setConsumer(consumer: (params: { readonly files: readonly FileSystemFileHandle[] }) => void): void;
}

/** Calls back with every file the app is opened with; does nothing where the browser has no launch queue. */
export function onLaunchedFiles(take: (file: File) => void): void {
  const queue = (globalThis as { readonly launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer(({ files }) => {
    for (const handle of files) void handle.getFile().then(take, () => undefined); // Gone or refused: as if nothing was opened.
  });
}
