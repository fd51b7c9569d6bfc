/** What is known of the way to the network. */

/** https://wicg.github.io/netinfo/, which not every browser has. */
interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}

export interface Network {
  readonly isOnline: () => boolean;
  /** What goes over it is paid by its size, or the person asked to save it. Unknown is no. */
  readonly isMetered: () => boolean;
  /** Answers how to stop. */
  readonly onChange: (listener: () => void) => () => void;
}

export function browserNetwork(): Network {
  const { connection } = navigator as { readonly connection?: Connection };
  return {
    isOnline: () => navigator.onLine,
    isMetered: () => connection !== undefined && (connection.saveData === true || connection.type === 'cellular'),
    onChange(listener) {
      addEventListener('online', listener);
      addEventListener('offline', listener);
      connection?.addEventListener('change', listener);
      return () => {
        removeEventListener('online', listener);
        removeEventListener('offline', listener);
        connection?.removeEventListener('change', listener);
      };
    },
  };
}
