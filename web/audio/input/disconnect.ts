/** Takes a node off its source. One whose microphone was closed meanwhile is connected to nothing any more, which the browser calls an error. */
export function disconnect(source: AudioNode, node: AudioNode): void {
  try {
    source.disconnect(node);
  } catch {
    // It is off already.
  }
}
