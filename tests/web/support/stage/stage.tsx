/** The page on a product in memory: for looking at it and for component journeys. `?step=20&paired=1` set the pace; `takes` on the console raises alarms. */
import { render } from 'solid-js/web';
import { App } from '../../../../web/pages/app.tsx';
import { createFakeService } from '../fake-service.ts';
import { createFakeTakes } from '../fake-takes.ts';

const wanted = new URLSearchParams(location.search);
const service = createFakeService({ stepMs: Number(wanted.get('step') ?? 150), paired: wanted.get('paired') === '1' });
const takes = createFakeTakes({
  onKept: (take, recordingId) => service.keepTake(recordingId, take.name, take.seconds),
  interrupted: wanted.get('interrupted') === '1',
  channels: wanted.get('stereo') === '1' ? 2 : 1,
  ...(wanted.get('refuse') ? { refuse: wanted.get('refuse') as never } : {}),
  ...(wanted.get('device') ? { deviceLabel: wanted.get('device')!, sampleRate: Number(wanted.get('rate') ?? 16_000) } : {}),
  ...(wanted.get('left') ? { secondsLeft: Number(wanted.get('left')) } : {}),
});
Object.assign(globalThis, { takes, service });
const updates = wanted.get('update') === '1' ? { watch: (listener: (offer: { updateAvailable: boolean; apply(): void }) => void) => (listener({ updateAvailable: true, apply: () => location.reload() }), () => undefined) } : undefined;

const root = document.getElementById('app');
if (root) render(() => <App service={service} takes={takes} {...(updates ? { updates } : {})} />, root);
