/** What a person had before them, kept while a result gives way to the next: open modules, playhead, edits. */
import { createSignal } from 'solid-js';
import type { Accessor } from 'solid-js';
import type { ModuleName } from '../../shared/style.ts';
import type { Player } from '../audio/player-contract.ts';
import type { TrackName } from './comparison.ts';
import type { EditedStyle } from './style-editor.ts';

export interface Workbench {
  readonly openModules: Accessor<ReadonlySet<ModuleName>>;
  setOpen(name: ModuleName, open: boolean): void;
  /** Where the player was; the next result of the same target goes on there, and takes over what still plays. */
  playhead: { readonly targetId: string; readonly track: TrackName; readonly seconds: number; readonly playing: Player<TrackName> | null } | null;
  /** The job that renders these edits, and the edits as they are when its result appears. */
  renderingId: string | null;
  edits: { readonly jobId: string; readonly edited: EditedStyle } | null;
}

export function createWorkbench(): Workbench {
  const [openModules, setOpenModules] = createSignal<ReadonlySet<ModuleName>>(new Set());
  return {
    openModules,
    setOpen: (name, open) =>
      setOpenModules((now) => {
        const next = new Set(now);
        if (open) next.add(name);
        else next.delete(name);
        return next;
      }),
    playhead: null,
    renderingId: null,
    edits: null,
  };
}
