/** The only file that sees every floor: mounts the page. */
import { render } from 'solid-js/web';
import { App } from './pages/app.tsx';

const root = document.getElementById('app');
if (root) render(() => <App />, root);
