/** What can be made again, and when it is thrown away. Recordings and results never are without being asked for. */
import type { StageTools } from '../pipeline/stage.ts';
import type { FileName, Storage } from '../storage/contract.ts';
import { takeIdOf, takesAmong } from '../storage/take-bytes.ts';
import { isFinished } from './machine.ts';
import { KEEP_LOCK } from './shelf.ts';

/** Intermediate data that nobody used for so long goes. */
export const KEEP_DAYS = 7;
const DAY_MS = 24 * 3600 * 1000;

const INTERMEDIATE: readonly FileName['folder'][] = ['decoded', 'scratch', 'exports', 'models'];

export async function intermediateBytes({ bytes }: Storage): Promise<number> {
  return (await bytes.list()).filter(({ folder }) => INTERMEDIATE.includes(folder)).reduce((sum, file) => sum + file.bytes, 0);
}

/**
 * Removes intermediate data and bytes that no fact records; what a queued or running job needs stays.
 * @param olderThanMs only what was not used since
 * @returns bytes freed
 */
export function clean(tools: StageTools, olderThanMs: number): Promise<number> {
  return tools.exclusively(KEEP_LOCK, async () => {
    const { documents, bytes } = tools.storage;
    const [jobs, recordings, results, checkpoints, takes, files] = await Promise.all([
      documents.list('jobs'), documents.list('recordings'), documents.list('results'), documents.list('checkpoints'), documents.list('takes'), bytes.list(),
    ]);
    const discardedIds = new Set(takes.filter(({ status }) => status === 'discarded').map(({ id }) => id));
    const active = jobs.filter((job) => !isFinished(job));
    const activeIds = new Set(active.map(({ id }) => id));
    const neededIds = new Set(active.flatMap(({ referenceId, targetId }) => (referenceId === null ? [targetId] : [targetId, referenceId])));
    const usedMs = new Map(recordings.map((recording) => [recording.id, recording.state.status === 'decoding' ? Infinity : recording.usedMs]));
    const resultIds = new Set(results.map(({ id }) => id));

    for (const { id, savedMs } of checkpoints) if (!activeIds.has(id) && savedMs <= olderThanMs) await documents.remove('checkpoints', id);
    const staleCheckpoints = new Set(checkpoints.filter(({ savedMs }) => savedMs <= olderThanMs).map(({ id }) => id));

    // Words and pictures of what is gone.
    const here = new Set([...usedMs.keys(), ...resultIds, ...(await documents.ids('presets'))]);
    for (const table of ['cards', 'labels'] as const) for (const id of await documents.ids(table)) if (!here.has(id)) await documents.remove(table, id);

    const isWaste = ({ folder, id }: FileName): boolean => {
      switch (folder) {
        case 'recordings':
          return !usedMs.has(id);
        case 'takes':
          // A journal without a fact is a take whose fact was lost: it is offered back, never thrown away.
          return discardedIds.has(takeIdOf({ folder, id }));
        case 'decoded':
          return !neededIds.has(id) && (usedMs.get(id) ?? -Infinity) <= olderThanMs;
        case 'results':
          return !resultIds.has(id) && !activeIds.has(id) && !checkpoints.some((checkpoint) => checkpoint.id === id && !staleCheckpoints.has(id));
        case 'scratch':
          return !activeIds.has(id) && (staleCheckpoints.has(id) || !checkpoints.some((checkpoint) => checkpoint.id === id));
        case 'exports': {
          const made = results.find((result) => id.startsWith(result.id));
          return (made?.createdMs ?? -Infinity) <= olderThanMs;
        }
        case 'models':
          // Fetched again where one is needed: only who asks for room loses them.
          return olderThanMs === Infinity;
        default:
          return folder satisfies never;
      }
    };

    let freed = 0;
    for (const file of files) {
      if (!isWaste(file)) continue;
      // A file that somebody has open is left for the next time.
      await bytes.remove(file).then(() => {
        freed += file.bytes;
      }, () => undefined);
    }
    const left = new Set(takesAmong(await bytes.list()).map(({ id }) => id));
    for (const id of discardedIds) if (!left.has(id)) await documents.remove('takes', id);
    return freed;
  });
}

export const staleBefore = (nowMs: number): number => nowMs - KEEP_DAYS * DAY_MS;
