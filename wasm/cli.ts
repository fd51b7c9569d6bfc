/** Tonetwin without a browser: `npm run --silent tonetwin -- --help`. */
import { runCli } from './cli/run.ts';

const abort = new AbortController();
process.once('SIGINT', () => abort.abort());
process.once('SIGTERM', () => abort.abort());
// Whoever reads our output may stop early (a pipe to head): then there is nothing left to do.
process.stdout.on('error', () => abort.abort());

process.exitCode = await runCli(process.argv.slice(2), process, abort.signal);
