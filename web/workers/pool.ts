/** Several workers of one kind; a call goes to the one with the least to do. */
import { type ClientOptions, createWorkerClient, type WorkerClient } from './rpc.ts';

/** @param size at most so many; each is started when it is first needed */
export function createWorkerPool<M>(spawn: () => Worker, size: number, options: ClientOptions = {}): WorkerClient<M> {
  const members: { readonly client: WorkerClient<M>; calls: number }[] = [];

  function least(): (typeof members)[number] {
    const [idle] = [...members].sort((a, b) => a.calls - b.calls);
    if (idle && (idle.calls === 0 || members.length >= size)) return idle;
    const member = { client: createWorkerClient<M>(spawn, options), calls: 0 };
    members.push(member);
    return member;
  }

  return {
    call: ((method, input, task, transfer) => {
      const member = least();
      member.calls += 1;
      return member.client.call(method, input, task, transfer).finally(() => {
        member.calls -= 1;
      });
    }) as WorkerClient<M>['call'],
    terminate() {
      for (const { client } of members) client.terminate();
    },
  };
}
