/** The program `tonetwin`: made from its sources where they changed, then run. */
import { pathToFileURL } from 'node:url';
import { bundleIfStale } from '../build/bundle.mjs';

await import(pathToFileURL(await bundleIfStale()).href);
