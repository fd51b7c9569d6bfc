/** What the product holds, as the page sees it: recordings and jobs, live, and the service behind them. */
import { createContext, createSignal, onCleanup, useContext } from 'solid-js';
import type { ParentProps } from 'solid-js';
import { createStore, reconcile } from 'solid-js/store';
import type { Job } from '../../shared/jobs.ts';
import type { RecordingInfo, TonetwinService } from '../jobs/contract.ts';
import type { TakeInfo, TakeService } from '../jobs/takes-contract.ts';

export interface Product {
  readonly service: TonetwinService;
  /** The recorder; null where there is none. */
  readonly takeService: TakeService | null;
  /** Newest first. `known` is false until the first answer of the store. */
  readonly recordings: readonly RecordingInfo[];
  readonly jobs: readonly Job[];
  readonly takes: readonly TakeInfo[];
  recording(id: string | null): RecordingInfo | undefined;
  job(id: string | null | undefined): Job | undefined;
  take(id: string | null | undefined): TakeInfo | undefined;
  /** What the person calls a result; undefined: it goes by what it was made from. */
  titleOf(resultId: string): string | undefined;
  readonly known: { readonly recordings: boolean; readonly jobs: boolean };
}

interface Held {
  recordings: RecordingInfo[];
  jobs: Job[];
  takes: TakeInfo[];
  known: { recordings: boolean; jobs: boolean };
}

/** Follows the service's lists for as long as the owner lives. */
export function createProduct(service: TonetwinService, takeService: TakeService | null = null): Product {
  const [held, setHeld] = createStore<Held>({ recordings: [], jobs: [], takes: [], known: { recordings: false, jobs: false } });
  onCleanup(
    service.watchRecordings((recordings) => {
      // The store merges into what it holds; the service's own objects stay as they are.
      setHeld('recordings', reconcile(structuredClone([...recordings]).sort((a, b) => b.addedMs - a.addedMs), { key: 'id' }));
      setHeld('known', 'recordings', true);
    }),
  );
  onCleanup(
    service.watchJobs((jobs) => {
      setHeld('jobs', reconcile(structuredClone([...jobs]).sort((a, b) => b.createdMs - a.createdMs), { key: 'id' }));
      setHeld('known', 'jobs', true);
    }),
  );
  if (takeService) onCleanup(takeService.watchTakes((takes) => setHeld('takes', reconcile(structuredClone([...takes]), { key: 'id' }))));
  const [titles, setTitles] = createSignal<ReadonlyMap<string, string>>(new Map());
  onCleanup(service.library.watchTitles((found) => setTitles(found)));
  return {
    service,
    takeService,
    get recordings() {
      return held.recordings;
    },
    get jobs() {
      return held.jobs;
    },
    get takes() {
      return held.takes;
    },
    get known() {
      return held.known;
    },
    recording: (id) => held.recordings.find((recording) => recording.id === id),
    titleOf: (resultId) => titles().get(resultId),
    job: (id) => held.jobs.find((job) => job.id === id),
    take: (id) => held.takes.find((take) => take.id === id),
  };
}

const ProductContext = createContext<Product>();

export function ProductProvider(props: ParentProps<{ service: TonetwinService; takes?: TakeService | null }>) {
  const product = createProduct(props.service, props.takes ?? null);
  return <ProductContext.Provider value={product}>{props.children}</ProductContext.Provider>;
}

export function useProduct(): Product {
  const product = useContext(ProductContext);
  if (!product) throw new Error('useProduct is used outside ProductProvider');
  return product;
}
