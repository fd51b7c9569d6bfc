/// <reference lib="webworker" />
import { serve } from '../rpc.ts';
import type { PassphraseMethods } from './contract.ts';
import { stretch } from './stretch.ts';

const methods: PassphraseMethods = { stretch };

serve(methods);
