/** SVG to PNG. The rasteriser is WebAssembly, loaded when the first picture is asked for; pictures have no text, so no fonts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

let ready: Promise<void> | undefined;

const load = async (): Promise<void> => initWasm(await readFile(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));

/** @returns a PNG of the size that the SVG states. Cost: some 50 ms of a core for a picture of a style. */
export async function rasterize(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  await (ready ??= load());
  const drawing = new Resvg(svg, { font: { loadSystemFonts: false } });
  try {
    return Uint8Array.from(drawing.render().asPng());
  } finally {
    drawing.free();
  }
}
