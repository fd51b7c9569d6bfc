/** What somebody used, day by day: what quotas and bills are counted by. */
import { z } from 'zod';
import { route } from './contract.ts';

export const usageDay = z.object({
  day: z.iso.date().describe('UTC'),
  calls: z.number().int().describe('Files taken and calls of the voice studio'),
  seconds: z.number().describe('Of speech that was made, s'),
  bytes: z.number().int().describe('Of files that were taken'),
  characters: z.number().int().describe('Of text that was spoken, as it is billed'),
  voices: z.number().int().describe('Cloned'),
});
export type UsageDay = z.output<typeof usageDay>;

export const listUsage = route('get', '/usage', {
  summary: 'What one used, the latest day first; days without use are left out.',
  query: z.object({
    from: z.iso.date().optional().describe('The first day'),
    to: z.iso.date().optional().describe('The last day'),
    limit: z.coerce.number().int().min(1).max(366).default(31),
    cursor: z.iso.date().optional().describe('Days before this one'),
  }),
  answer: z.object({ days: z.array(usageDay), next_cursor: z.iso.date().nullable() }),
});
