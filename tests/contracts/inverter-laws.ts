/** What holds for a style, whichever inverter made it. */
import { expect } from 'vitest';
import { styleFromDocument, styleToDocument } from '../../shared/style-document.ts';
import type { Module, Style } from '../../shared/style.ts';

/** Every value lies in its range (the document's schema says so), in its interval, and the style survives the journey. */
export function expectLawful(style: Style): void {
  expect(styleFromDocument(JSON.parse(JSON.stringify(styleToDocument(style))))).toEqual(style);
  for (const [name, module] of Object.entries(style.modules) as [string, Module<Record<string, unknown>>][]) {
    for (const [path, [low, high]] of Object.entries(module.intervals)) {
      const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], module.values) as number;
      expect({ name, path, inside: low <= value + 1e-9 && value <= high + 1e-9 }).toEqual({ name, path, inside: true });
    }
    if (module.status === 'estimated') expect(module.confidence).not.toBeNull();
    if (module.status === 'not-identifiable') expect(module.enabled).toBe(false);
  }
}

/** Nothing but loudness and the ceiling is touched. */
export function expectNearNeutral(style: Style): void {
  const touched = Object.entries(style.modules).filter(([name, module]) => module.enabled && name !== 'lufs' && name !== 'limiter');
  expect(touched.map(([name]) => name)).toEqual([]);
}
