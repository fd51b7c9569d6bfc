/** The page on a product in memory: for looking at it and for component journeys. `?step=20&paired=1` set the pace. */
import { render } from 'solid-js/web';
import { App } from '../../../../web/pages/app.tsx';
import { createFakeService } from '../fake-service.ts';

const wanted = new URLSearchParams(location.search);
const service = createFakeService({ stepMs: Number(wanted.get('step') ?? 150), paired: wanted.get('paired') === '1' });
const updates = wanted.get('update') === '1' ? { watch: (listener: (offer: { updateAvailable: boolean; apply(): void }) => void) => (listener({ updateAvailable: true, apply: () => location.reload() }), () => undefined) } : undefined;

const root = document.getElementById('app');
if (root) render(() => <App service={service} {...(updates ? { updates } : {})} />, root);
