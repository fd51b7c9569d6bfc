/**
 * What `zod` means in the page (vite.config.ts): the same, but it makes no functions out of text. Our policy forbids that, and a
 * mere try would be reported as a breach of it on every page. Before any schema is made, for each asks once.
 */
import { config } from 'zod/v4';

config({ jitless: true });

export * from 'zod/v4';
