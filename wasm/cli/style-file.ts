/** Presets from files. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { Style } from '../../shared/style.ts';
import { styleFromDocument } from '../../shared/style-document.ts';
import { fileError } from './node-files.ts';

/** @throws AppError 'cli/file', 'style/invalid', 'style/newer' */
export async function readStyle(path: string): Promise<Style> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw fileError(path, cause);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new AppError('style/invalid', { detail: 'not JSON' }, { cause });
  }
  return styleFromDocument(document);
}
