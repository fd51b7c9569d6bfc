/**
 * A thread does not inherit what reads TypeScript in the main one (Node 20 keeps loader hooks per thread), so it sets
 * that up itself before it loads its file. Can go when the oldest Node we run on strips types by itself.
 */
import { register } from 'tsx/esm/api';

register();
await import('./thread.ts');
