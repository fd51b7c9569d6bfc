import { styleToDocument } from '../../../shared/style-document.ts';
import type { Exporter } from '../contract.ts';

/** Our own preset: `style_params`, everything included. */
export const json = {
  format: 'json',
  extension: 'json',
  mediaType: 'application/json',
  encode: (style) =>
    Promise.resolve({ bytes: new TextEncoder().encode(`${JSON.stringify(styleToDocument(style), null, 2)}\n`), losses: [] }),
} as const satisfies Exporter;
