/** A promise and how to settle it. */
export interface Deferred<T> {
  promise: Promise<T>
  resolve(value: T): void
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Rejects with what failed, once something did. */
export async function failed(failure: Deferred<Error>): Promise<never> {
  throw await failure.promise
}
