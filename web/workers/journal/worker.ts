/// <reference lib="webworker" />
import { openStorage } from '../../storage/open-storage.ts';
import { serve } from '../rpc.ts';
import { createJournalMethods } from './journal-methods.ts';

serve(createJournalMethods(async () => (await openStorage()).bytes, () => Date.now()));
