/** A thread has to learn TypeScript first. */
import { register } from 'tsx/esm/api';

register();
await import('./postgres-thread.ts');
