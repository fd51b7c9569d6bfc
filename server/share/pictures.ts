/** Pictures of links, drawn once: what a link shows never changes. The newest are kept. */
import { rasterize } from './rasterize.ts';

/** Some 50 kB each. */
const KEPT = 200;

export interface Pictures {
  of(slug: string, kind: 'svg' | 'png', draw: () => string): Promise<Uint8Array<ArrayBuffer>>;
}

export function createPictures(): Pictures {
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  return {
    of(slug, kind, draw) {
      const key = `${slug}.${kind}`;
      const known = kept.get(key);
      kept.delete(key);
      // Those that ask while it is drawn wait for the same one.
      const picture = known ?? (kind === 'svg' ? Promise.resolve(new TextEncoder().encode(draw())) : rasterize(draw()));
      kept.set(key, picture);
      picture.catch(() => kept.delete(key));
      if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
      return picture;
    },
  };
}
