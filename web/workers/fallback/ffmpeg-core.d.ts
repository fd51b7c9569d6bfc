/** What we use of @ffmpeg/core 0.12, which ships without types. */
declare module '@ffmpeg/core' {
  interface DeviceOperations {
    open(stream: unknown): void;
    close(stream: unknown): void;
    read(stream: unknown, buffer: Int8Array, offset: number, length: number): number;
    write(stream: unknown, heap: Int8Array, offset: number, length: number): number;
  }
  interface Core {
    readonly FS: {
      readonly filesystems: { readonly WORKERFS: unknown };
      makedev(major: number, minor: number): number;
      registerDevice(device: number, operations: DeviceOperations): void;
      mkdev(path: string, device: number): void;
      mkdir(path: string): void;
      mount(type: unknown, options: { blobs: { name: string; data: Blob }[] }, folder: string): void;
    };
    /** Exit code of the last `exec`. */
    readonly ret: number;
    setProgress(listener: (event: { progress: number; time: number }) => void): void;
    setTimeout(ms: number): void;
    exec(...args: string[]): number;
  }
  export default function createCore(options: { mainScriptUrlOrBlob: string }): Promise<Core>;
}
